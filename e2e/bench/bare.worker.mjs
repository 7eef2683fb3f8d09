/**
 * The parts of a model with nothing around them: onnxruntime-web reads, creates and runs. Shares no line with
 * the studio's engine, so that what the engine adds can be measured against it.
 */
globalThis.trustedTypes?.createPolicy('default', { createScriptURL: (url) => url });

addEventListener('message', async ({ data }) => {
  try {
    postMessage({ ok: true, times: await measure(data) });
  } catch (error) {
    postMessage({ ok: false, message: error instanceof Error ? error.message : String(error) });
  }
});

/** order: { modelId, device, steps, isGuided, widthPx, heightPx, threads } */
async function measure(order) {
  const base = `/models/${order.modelId}/`;
  const manifest = await (await fetch(`${base}manifest.json`)).json();
  const names = [
    ...new Set([...manifest.textEncoders.map((e) => e.part), manifest.denoiser.part, manifest.decoder.part]),
  ];
  const variants = names.map((name) => manifest.parts[name].variants.find((v) => v.compute === 'float32'));

  let startedAt = performance.now();
  const read = await Promise.all(
    variants.map(async ({ graph, weights }) => ({
      graph: await readFile(base + graph),
      externalData: await Promise.all(
        weights.map(async (path) => ({ path: path.split('/').at(-1), data: await readFile(base + path) })),
      ),
    })),
  );
  const readMs = performance.now() - startedAt;
  const weightBytes = read
    .flatMap(({ graph, externalData }) => [graph, ...externalData.map((file) => file.data)])
    .reduce((sum, bytes) => sum + bytes.byteLength, 0);

  startedAt = performance.now();
  const { ort, provider } = await openRuntime(order);
  const sessions = {};
  for (const [at, name] of names.entries()) {
    const { graph, externalData } = read[at];
    sessions[name] = await ort.InferenceSession.create(graph, {
      executionProviders: [provider],
      externalData,
    });
  }
  const createMs = performance.now() - startedAt;

  const feeds = await makeFeeds(ort, manifest, sessions, order);
  const denoiser = sessions[manifest.denoiser.part];
  const decoder = sessions[manifest.decoder.part];
  // The first run also compiles shaders and fills caches; the studio's warm picture has that behind it too.
  await run(denoiser, feeds.denoiser);
  await run(decoder, feeds.decoder);
  const passes = order.isGuided ? 2 : 1;
  let textMs = 0;
  for (let pass = 0; pass < passes; pass++) {
    for (const { session, feed } of feeds.text) textMs += await run(session, feed);
  }
  const stepsMs = [];
  for (let step = 0; step < order.steps; step++) {
    let stepMs = 0;
    for (let pass = 0; pass < passes; pass++) stepMs += await run(denoiser, feeds.denoiser);
    stepsMs.push(stepMs);
  }
  const decodeMs = await run(decoder, feeds.decoder);
  return { readMs, createMs, textMs, stepsMs, decodeMs, weightBytes };
}

/** Milliseconds of one run, its results brought back. */
async function run(session, feed) {
  const startedAt = performance.now();
  const results = await session.run(feed);
  for (const result of Object.values(results)) {
    await result.getData();
    result.dispose();
  }
  return performance.now() - startedAt;
}

async function readFile(url) {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

async function openRuntime({ device, threads }) {
  const build = 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
  const ort = await import(`/ort/ort.${build === 'jspi' ? 'jspi' : 'webgpu'}.min.mjs`);
  const wasm = `${location.origin}/ort/ort-wasm-simd-threaded.${build}`;
  ort.env.wasm.wasmPaths = { mjs: `${wasm}.mjs`, wasm: `${wasm}.wasm` };
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  return { ort, provider: { name: device === 'webgpu' ? 'webgpu' : 'wasm' } };
}

/** Feeds of the right shapes; the time of a run does not depend on what the numbers are. */
async function makeFeeds(ort, manifest, sessions, { widthPx, heightPx }) {
  const text = [];
  const widths = [];
  let pooledWidth = 0;
  for (const { part, tokenizer, embeddings, pooled } of manifest.textEncoders) {
    const { window, startId, endId, padId } = manifest.tokenizers[tokenizer];
    const ids = Array.from({ length: window }, () => padId);
    ids[0] = startId ?? endId;
    ids[1] = endId;
    const session = sessions[part];
    const name = session.inputNames[0];
    const feed = { [name]: tensor(ort, session, name, ids, [1, window]) };
    const answer = await session.run(feed);
    widths.push(answer[embeddings].dims.at(-1));
    if (pooled) pooledWidth = answer[pooled].dims.at(-1);
    text.push({ session, feed });
  }
  const { inputs, part } = manifest.denoiser;
  const { channels, downscale } = manifest.latent;
  const latent = [1, channels, heightPx / downscale, widthPx / downscale];
  const { window } = manifest.tokenizers[manifest.textEncoders[0].tokenizer];
  const width = Math.max(
    manifest.conditioning.padFeaturesTo ?? 0,
    widths.reduce((a, b) => a + b, 0),
  );
  const tokens = window + (manifest.conditioning.appendZeroTokens ?? 0);
  const shapes = {
    [inputs.sample]: latent,
    [inputs.timestep]: [1],
    [inputs.text]: [1, tokens, width],
    ...(inputs.pooled ? { [inputs.pooled]: [1, pooledWidth] } : {}),
    ...(inputs.timeIds ? { [inputs.timeIds]: [1, 6] } : {}),
    ...(inputs.guidance
      ? {
          [inputs.guidance]:
            manifest.guidance.form === 'sinusoidal' ? [1, manifest.guidance.width ?? 256] : [1],
        }
      : {}),
  };
  const denoiserFeed = {};
  for (const [name, dims] of Object.entries(shapes)) {
    denoiserFeed[name] = tensor(ort, sessions[part], name, noise(dims), dims);
  }
  const { decoder } = manifest;
  return {
    text,
    denoiser: denoiserFeed,
    decoder: {
      [decoder.input]: tensor(ort, sessions[decoder.part], decoder.input, noise(latent), latent),
    },
  };
}

function noise(dims) {
  const size = dims.reduce((a, b) => a * b, 1);
  return Array.from({ length: size }, (_, at) => Math.sin(at * 12.9898) * 0.9);
}

function tensor(ort, session, name, values, dims) {
  const { type } = session.inputMetadata.find((input) => input.name === name);
  if (type === 'int64') {
    return new ort.Tensor(
      'int64',
      BigInt64Array.from(values, (value) => BigInt(Math.trunc(value))),
      dims,
    );
  }
  if (type === 'int32') return new ort.Tensor('int32', Int32Array.from(values), dims);
  return new ort.Tensor('float32', Float32Array.from(values), dims);
}
