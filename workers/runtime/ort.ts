/**
 * The only file that touches onnxruntime-web. One build per worker, one mutex around every create, run and
 * release: overlapping calls hang the asyncify build and abort the JSPI one.
 */
import asyncifyGlue from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import asyncifyWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import jspiGlue from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url';
import jspiWasm from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { toHalves } from '#core/onnx/half.ts';
import { readModel } from '#core/onnx/model.ts';
import type { Gpu } from './device.ts';
import { threadCount, usesJspi } from './device.ts';
import { watchHeap } from './heap.ts';
import { Held } from './held.ts';
import { Mutex } from './mutex.ts';

type Ort = typeof import('onnxruntime-web/jspi');

export interface ExternalFile {
  /** The `location` that the graph names. */
  path: string;
  /** A Blob is read by the runtime itself, weight by weight where its build can. */
  data: Uint8Array | Blob;
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
  /** Values of named dimensions of the inputs: arithmetic on shapes is folded away, and need not run anywhere. */
  dimensions?: Readonly<Record<string, number>>;
  /** Names of the outputs that `runHolding` leaves where they are. */
  holds?: readonly string[];
}

const mutex = new Mutex();
let loading: Promise<Ort> | null = null;

function absolute(url: string): string {
  return new URL(url, globalThis.location.href).href;
}

/** Loads the build that fits this browser: JSPI is smaller and faster where `WebAssembly.Suspending` exists. */
function loadOrt(): Promise<Ort> {
  loading ??= (async () => {
    watchHeap();
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

/** A graph input whose values stay where the runtime reads them, and are written only when they change. */
export interface ResidentInput {
  readonly sizeBytes: number;
  /**
   * Not while the graph runs.
   * @param fill is given values of the input's shape, row by row, and writes every one of them
   */
  write(fill: (values: Float32Array) => void): void;
}

interface Resident extends ResidentInput {
  tensor: Tensor;
  free(): void;
}

/** An open graph. Not usable after `release`. */
export class Session {
  readonly #ort: Ort;
  readonly #session: InferenceSession;
  readonly #gpu: Gpu | null;
  readonly #residents = new Map<string, Resident>();

  constructor(ort: Ort, session: InferenceSession, gpu: Gpu | null) {
    this.#ort = ort;
    this.#session = session;
    this.#gpu = gpu;
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  /** Each input with its shape; an open dimension is a name. */
  get inputs(): { name: string; dims: readonly (number | string)[] }[] {
    return this.#session.inputMetadata.map((input) => ({
      name: input.name,
      dims: input.isTensor ? input.shape : [],
    }));
  }

  /**
   * Runs the graph once.
   * @param feeds one entry per graph input, by name
   * @param outputs names of the outputs wanted
   * @returns each output as float32, copied out of the runtime's memory
   */
  async run(
    feeds: Readonly<Record<string, Feed | Held>>,
    outputs: readonly string[],
  ): Promise<Record<string, Output>> {
    return (await this.runHolding(feeds, outputs, [])).answers;
  }

  /**
   * Runs the graph once and leaves some of its outputs where they are.
   * @param holds some of the names that the session was opened with; each has to be freed
   */
  runHolding(
    feeds: Readonly<Record<string, Feed | Held>>,
    outputs: readonly string[],
    holds: readonly string[],
  ): Promise<{ answers: Record<string, Output>; held: Record<string, Held> }> {
    return mutex.run(async () => {
      const tensors: Record<string, Tensor> = {};
      for (const input of this.#session.inputMetadata) {
        const resident = this.#residents.get(input.name);
        if (resident !== undefined) {
          tensors[input.name] = resident.tensor;
          continue;
        }
        const feed = feeds[input.name];
        if (feed === undefined || !input.isTensor)
          throw new Error(`The graph wants an input "${input.name}".`);
        tensors[input.name] = feed instanceof Held ? feed.tensor : this.#tensor(input.type, feed);
      }
      const results = await this.#session.run(tensors, [...outputs, ...holds]);
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
      const held: Record<string, Held> = {};
      for (const name of holds) {
        const tensor = results[name];
        if (tensor === undefined) throw new Error(`The graph has no output "${name}".`);
        held[name] = new Held(tensor, this.#ort.Tensor, this.#gpu);
      }
      return { answers, held };
    });
  }

  /** Values of one's own as something held, to be fed to many runs. */
  hold({ data, dims }: Feed): Held {
    const tensor = new this.#ort.Tensor('float32', Float32Array.from(data), dims);
    return new Held(tensor, this.#ort.Tensor, this.#gpu);
  }

  /** Takes an input over, filled with zeros: `run` wants no feed for it from now on. */
  keep(name: string, type: 'float32' | 'float16', dims: readonly number[]): ResidentInput {
    const size = dims.reduce((product, side) => product * side, 1);
    const make = this.#gpu === null ? residentInMemory : residentOnGpu;
    const resident = make(this.#ort, this.#gpu!, type, dims, size);
    this.#residents.get(name)?.free();
    this.#residents.set(name, resident);
    return resident;
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
    return mutex.run(async () => {
      try {
        await this.#session.release();
      } finally {
        for (const resident of this.#residents.values()) resident.free();
        this.#residents.clear();
      }
    });
  }
}

type MakeResident = (
  ort: Ort,
  gpu: Gpu,
  type: 'float32' | 'float16',
  dims: readonly number[],
  size: number,
) => Resident;

let scratch = new Float32Array(0);

/** Values of no meaning, valid until the next call: one buffer serves all writes. */
function scratchOf(size: number): Float32Array<ArrayBuffer> {
  if (scratch.length < size) scratch = new Float32Array(size);
  return scratch.subarray(0, size);
}

const residentInMemory: MakeResident = (ort, _gpu, type, dims, size) => {
  const data = type === 'float32' ? new Float32Array(size) : new Uint16Array(size);
  return {
    sizeBytes: data.byteLength,
    tensor: new ort.Tensor(type, data, dims),
    write: (fill) => {
      if (data instanceof Float32Array) return fill(data);
      const values = scratchOf(size);
      fill(values);
      data.set(toHalves(values).bits);
    },
    free: () => undefined,
  };
};

const residentOnGpu: MakeResident = (ort, { device }, type, dims, size) => {
  // The runtime binds whole multiples of 16 bytes.
  const sizeBytes = Math.ceil((size * (type === 'float32' ? 4 : 2)) / 16) * 16;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ size: sizeBytes, usage });
  return {
    sizeBytes,
    tensor: ort.Tensor.fromGpuBuffer(buffer, { dataType: type, dims: [...dims] }),
    write: (fill) => {
      const values = scratchOf(size);
      fill(values);
      if (type === 'float32') return device.queue.writeBuffer(buffer, 0, values);
      // Whole words only: an odd count of halves gets one more.
      const halves = new Uint16Array(values.length + (values.length % 2));
      halves.set(toHalves(values).bits);
      device.queue.writeBuffer(buffer, 0, halves);
    },
    free: () => buffer.destroy(),
  };
};

/** Opens a graph on the GPU or the CPU. Rejects with the runtime's own error. */
export function openSession(options: OpenOptions): Promise<Session> {
  return mutex.run(async () => {
    const ort = await loadOrt();
    return new Session(ort, await createSession(ort, options), options.gpu);
  });
}

function createSession(
  ort: Ort,
  { graph, external, gpu, strictGpu, dimensions, holds }: OpenOptions,
): Promise<InferenceSession> {
  return ort.InferenceSession.create(graph, {
    // The object form: options given beside a bare string are silently ignored by this runtime.
    executionProviders: gpu === null ? [{ name: 'wasm' }] : [{ name: 'webgpu', device: gpu.device }],
    externalData: external,
    // Graphs of the hub leave arithmetic on shapes to the CPU, which is no fault.
    logSeverityLevel: 3,
    ...(dimensions ? { freeDimensionOverrides: dimensions } : {}),
    ...(gpu !== null && holds ? { preferredOutputLocation: locations(graph, holds) } : {}),
    ...(strictGpu && gpu !== null ? { extra: { session: { disable_cpu_ep_fallback: '1' } } } : {}),
  });
}

/**
 * This worker's runtime, for a library that opens and runs graphs by itself: its calls wait for the one mutex too, and what it
 * writes into `env` changes nothing here.
 * @param prepare what a graph is opened with, whatever the library asks for
 * @param onOpen hears of each session, so that it can be released when the library fails half-way
 */
export async function lendOrt(
  prepare: (graph: Uint8Array) => Promise<OpenOptions>,
  onOpen: (session: LentSession) => void,
) {
  const ort = await loadOrt();
  const create = async (graph: Uint8Array) => {
    const options = await prepare(graph);
    const session = await mutex.run(async () => lend(await createSession(ort, options)));
    onOpen(session);
    return session;
  };
  return { Tensor: ort.Tensor, InferenceSession: { create }, env: { wasm: {}, webgpu: {} } };
}

export type LentSession = ReturnType<typeof lend>;

function lend(session: InferenceSession) {
  const { inputNames, outputNames, inputMetadata, outputMetadata } = session;
  return {
    inputNames,
    outputNames,
    inputMetadata,
    outputMetadata,
    run: (feeds: InferenceSession.FeedsType) => mutex.run(() => session.run(feeds)),
    release: () => mutex.run(() => session.release()),
  };
}

/** Of every output of a graph: on the GPU where it is held there, else in memory. */
function locations(graph: Uint8Array, holds: readonly string[]): Record<string, 'gpu-buffer' | 'cpu'> {
  const outputs = readModel(graph).graph?.outputs ?? [];
  return Object.fromEntries(
    outputs.flatMap(({ name }) =>
      name === undefined ? [] : [[name, holds.includes(name) ? 'gpu-buffer' : 'cpu'] as const],
    ),
  );
}
