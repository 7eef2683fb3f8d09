/** The abort signal of the job that runs. Kept here because stores hold data only. */
let current: { id: number; controller: AbortController } | null = null;
let lastId = 0;

export function beginRun(): { id: number; signal: AbortSignal } {
  lastId += 1;
  current = { id: lastId, controller: new AbortController() };
  return { id: lastId, signal: current.controller.signal };
}

export function abortRun(): void {
  current?.controller.abort();
}

export function endRun(id: number): void {
  if (current?.id === id) current = null;
}
