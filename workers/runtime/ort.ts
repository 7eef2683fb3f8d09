/**
 * The only file that touches onnxruntime-web. One build per worker, one mutex around every create, run and
 * release: overlapping calls hang the asyncify build and abort the JSPI one.
 */
import asyncifyGlue from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import asyncifyWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import jspiGlue from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url';
import jspiWasm from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import type { Gpu } from './device.ts';
import { threadCount, usesJspi } from './device.ts';
import { Mutex } from './mutex.ts';

type Ort = typeof import('onnxruntime-web/jspi');

export interface ExternalFile {
  /** The `location` that the graph names. */
  path: string;
  data: Uint8Array;
}

/** Numbers with their shape; `data` is converted to the type the graph declares. */
export interface Feed {
  data: Float32Array | Int32Array;
  dims: readonly number[];
}

export interface Output {
  data: Float32Array;
  dims: readonly number[];
}

export interface OpenOptions {
  graph: Uint8Array;
  external: ExternalFile[];
  /** Null runs on the CPU through WebAssembly. */
  gpu: Gpu | null;
  /** Refuse to open a graph of which any node would fall from the GPU to the CPU. */
  strictGpu: boolean;
}

const mutex = new Mutex();
let loading: Promise<Ort> | null = null;

function absolute(url: string): string {
  return new URL(url, globalThis.location.href).href;
}

/** Loads the build that fits this browser: JSPI is smaller and faster where `WebAssembly.Suspending` exists. */
function loadOrt(): Promise<Ort> {
  loading ??= (async () => {
    const jspi = usesJspi();
    const ort: Ort = jspi ? await import('onnxruntime-web/jspi') : await import('onnxruntime-web/webgpu');
    // In Node, where tests and benchmarks run the engine, the runtime finds its files beside itself.
    if ('WorkerGlobalScope' in globalThis) {
      ort.env.wasm.wasmPaths = jspi
        ? { mjs: absolute(jspiGlue), wasm: absolute(jspiWasm) }
        : { mjs: absolute(asyncifyGlue), wasm: absolute(asyncifyWasm) };
    }
    ort.env.wasm.numThreads = threadCount();
    ort.env.logLevel = 'error';
    return ort;
  })();
  return loading;
}

/** An open graph. Not usable after `release`. */
export class Session {
  readonly #ort: Ort;
  readonly #session: InferenceSession;

  constructor(ort: Ort, session: InferenceSession) {
    this.#ort = ort;
    this.#session = session;
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  /**
   * Runs the graph once.
   * @param feeds one entry per graph input, by name
   * @param outputs names of the outputs wanted
   * @returns each output as float32, copied out of the runtime's memory
   */
  run(feeds: Readonly<Record<string, Feed>>, outputs: readonly string[]): Promise<Record<string, Output>> {
    return mutex.run(async () => {
      const tensors: Record<string, Tensor> = {};
      for (const input of this.#session.inputMetadata) {
        const feed = feeds[input.name];
        if (feed === undefined || !input.isTensor)
          throw new Error(`The graph wants an input "${input.name}".`);
        tensors[input.name] = this.#tensor(input.type, feed);
      }
      const results = await this.#session.run(tensors, [...outputs]);
      const answers: Record<string, Output> = {};
      for (const name of outputs) {
        const tensor = results[name];
        if (tensor === undefined) throw new Error(`The graph has no output "${name}".`);
        answers[name] = {
          data: Float32Array.from((await tensor.getData()) as Float32Array),
          dims: tensor.dims,
        };
        tensor.dispose();
      }
      return answers;
    });
  }

  #tensor(type: Tensor.Type, { data, dims }: Feed): Tensor {
    switch (type) {
      case 'float32':
        return new this.#ort.Tensor('float32', Float32Array.from(data), dims);
      case 'int32':
        return new this.#ort.Tensor('int32', Int32Array.from(data), dims);
      case 'int64':
        return new this.#ort.Tensor(
          'int64',
          BigInt64Array.from(data, (value) => BigInt(Math.round(value))),
          dims,
        );
      default:
        throw new Error(`The graph wants an input of type ${type}, which no part of a pipeline has.`);
    }
  }

  release(): Promise<void> {
    return mutex.run(() => this.#session.release());
  }
}

/** Opens a graph on the GPU or the CPU. Rejects with the runtime's own error. */
export function openSession({ graph, external, gpu, strictGpu }: OpenOptions): Promise<Session> {
  return mutex.run(async () => {
    const ort = await loadOrt();
    const session = await ort.InferenceSession.create(graph, {
      // The object form: options given beside a bare string are silently ignored by this runtime.
      executionProviders: gpu === null ? [{ name: 'wasm' }] : [{ name: 'webgpu', device: gpu.device }],
      externalData: external,
      ...(strictGpu && gpu !== null ? { extra: { session: { disable_cpu_ep_fallback: '1' } } } : {}),
    });
    return new Session(ort, session);
  });
}
