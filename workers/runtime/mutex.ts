/**
 * One at a time, in the order asked. The runtime hangs or aborts when two of its calls overlap, so every
 * create, run and release in a worker goes through one of these. A failed task does not fail the next one.
 */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task, task);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
