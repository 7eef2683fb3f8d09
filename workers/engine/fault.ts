/** What was thrown, told as what it means for the person. */
import { type Failure, FailureError } from '#core/failure.ts';
import type { Gpu } from '../runtime/device.ts';

const MEMORY =
  /out of memory|bad_alloc|allocation failed|failed to allocate|invalid array length|memory access/i;
/** A graph in half precision on a GPU without it opens all right and fails at its first run. */
const HALF_PRECISION = /requires f16/i;
/** After these the WebAssembly instance is gone: only a new worker helps. */
const DEAD = /\bAborted\(|\bunreachable\b|table index is out of bounds|memory access out of bounds/i;

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Whether the runtime in this worker can no longer be used. */
export function killedRuntime(thrown: unknown): boolean {
  return thrown instanceof WebAssembly.RuntimeError || DEAD.test(messageOf(thrown));
}

/**
 * @param thrown anything caught around a run, create or fetch
 * @param gpu the device the work ran on, if any: its own account of a loss goes before the runtime's error text
 */
export function toFailure(thrown: unknown, gpu: Gpu | null): Failure {
  if (thrown instanceof FailureError) return thrown.failure;
  if (gpu?.lost) return { code: 'device-lost', detail: gpu.lost };
  if (gpu?.refused) return refusal(gpu.refused);
  const message = messageOf(thrown);
  if (HALF_PRECISION.test(message))
    return { code: 'no-variant', part: 'graph', needs: 'a GPU with shader-f16' };
  if (killedRuntime(thrown)) return { code: 'engine-died', detail: message };
  if (MEMORY.test(message)) {
    return {
      code: 'out-of-memory',
      device: gpu ? 'webgpu' : 'cpu',
      neededBytes: null,
      heldBytes: null,
      detail: message,
    };
  }
  return { code: 'unexpected', message, stack: thrown instanceof Error ? (thrown.stack ?? null) : null };
}

export function refusal(refused: NonNullable<Gpu['refused']>): Failure {
  return { code: 'out-of-memory', device: 'webgpu', ...refused, detail: 'The GPU refused a buffer.' };
}
