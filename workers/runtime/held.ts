/** Answers of a graph that stay where the runtime has them, to be fed to its next run: a decoder's keys and values. */
import type { Tensor } from 'onnxruntime-web';
import type { Gpu } from './device.ts';

type TensorClass = typeof import('onnxruntime-web/jspi').Tensor;

/** Not usable after `free`. */
export class Held {
  readonly tensor: Tensor;
  readonly #Tensor: TensorClass;
  readonly #gpu: Gpu | null;

  constructor(tensor: Tensor, tensorClass: TensorClass, gpu: Gpu | null) {
    this.tensor = tensor;
    this.#Tensor = tensorClass;
    this.#gpu = gpu;
  }

  /** @returns a copy of rows of the first dimension, in any order, some of them twice */
  pick(rows: readonly number[]): Held {
    const { dims, type } = this.tensor;
    const shape = [rows.length, ...dims.slice(1)];
    if (type !== 'float32') throw new Error(`Held values of type ${type} are not known.`);
    const rowSize = dims.slice(1).reduce((product, side) => product * side, 1);
    if (this.tensor.location !== 'gpu-buffer' || this.#gpu === null) {
      const from = this.tensor.data as Float32Array;
      const data = new Float32Array(rows.length * rowSize);
      for (const [to, row] of rows.entries())
        data.set(from.subarray(row * rowSize, (row + 1) * rowSize), to * rowSize);
      return new Held(new this.#Tensor('float32', data, shape), this.#Tensor, this.#gpu);
    }
    const { device } = this.#gpu;
    // The runtime binds whole multiples of 16 bytes.
    const size = Math.ceil((rows.length * rowSize * 4) / 16) * 16;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const buffer = device.createBuffer({ size, usage });
    const encoder = device.createCommandEncoder();
    for (const [to, row] of rows.entries()) {
      const bytes = rowSize * 4;
      encoder.copyBufferToBuffer(this.tensor.gpuBuffer as GPUBuffer, row * bytes, buffer, to * bytes, bytes);
    }
    device.queue.submit([encoder.finish()]);
    const tensor = this.#Tensor.fromGpuBuffer(buffer, {
      dataType: 'float32',
      dims: shape,
      dispose: () => buffer.destroy(),
    });
    return new Held(tensor, this.#Tensor, this.#gpu);
  }

  free(): void {
    this.tensor.dispose();
  }
}
