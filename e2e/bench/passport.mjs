// @ts-check
/**
 * The device passport against what then happens: what is predicted for a picture before the model is opened, and
 * what the picture took and held.
 */

/**
 * @typedef {{ predictedSeconds: number | null, actualSeconds: number, predictedBytes: number,
 *   heldBytes: number | null, calibrationMs: number }} Passport
 */

/**
 * On a page of its own: the runtime's memory never shrinks, so it is told of one model only.
 * @param {import('../../scripts/headless.mjs').Studio} studio
 * @param {{ modelId: string, device: 'webgpu' | 'cpu', steps: number, sampler: string, widthPx: number,
 *   heightPx: number }} order
 * @param {string} prompt
 * @returns {Promise<Passport>}
 */
export async function measurePassport({ browser, url }, order, prompt) {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => globalThis.kiln !== undefined);
  const measured = await page.evaluate(
    async ({ asked, words }) => {
      const { kiln } = globalThis;
      if (!kiln) throw new Error('no automation API');
      const { modelId, device, steps, sampler, widthPx, heightPx } = asked;
      const request = { modelId, prompt: words, seed: 7, steps, sampler, widthPx, heightPx };
      const said = await kiln.predict(request, device);
      if (!said.ok) throw new Error(said.sentence);
      /** @type {number | null} */
      let heldBytes = null;
      let actualSeconds = 0;
      // The second picture is of an open model, as is the prediction.
      for (let k = 0; k < 2; k++) {
        const outcome = await kiln.generate(request, { device }, (event) => {
          if (event.kind === 'held') heldBytes = event.peakBytes;
          if (event.kind !== 'picture') return;
          const { textMs, stepsMs, decodeMs } = event.picture.times;
          actualSeconds = (textMs + stepsMs.reduce((a, b) => a + b, 0) + decodeMs) / 1000;
        });
        if (outcome.outcome === 'failed') throw new Error(outcome.sentence);
      }
      return {
        predictedSeconds: said.seconds,
        actualSeconds,
        predictedBytes: said.peakBytes,
        heldBytes,
        calibrationMs: said.calibrationMs,
      };
    },
    { asked: order, words: prompt },
  );
  await context.close();
  return measured;
}

/**
 * @param {Passport[]} turns
 * @returns {string[]} lines for a terminal
 */
export function describePassport(turns) {
  const [first] = turns;
  if (!first) return [];
  const { predictedSeconds, predictedBytes, heldBytes, calibrationMs } = first;
  const actual = turns.map((turn) => turn.actualSeconds).sort((a, b) => a - b)[turns.length >> 1] ?? 0;
  const time =
    predictedSeconds === null
      ? 'no time'
      : `${predictedSeconds.toFixed(2)} s, took ${actual.toFixed(2)} s (${(actual / predictedSeconds).toFixed(2)} ×)`;
  const memory =
    heldBytes === null
      ? `${megabytes(predictedBytes)}, not told by this device`
      : `${megabytes(predictedBytes)}, held ${megabytes(heldBytes)} (${(heldBytes / predictedBytes).toFixed(2)} ×)`;
  return [
    `Device passport, measured in ${(calibrationMs / 1000).toFixed(2)} s: predicted ${time}`,
    `Device passport, memory: predicted ${memory}`,
  ];
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
