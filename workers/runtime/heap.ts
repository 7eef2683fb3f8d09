/**
 * How much memory the runtime's WebAssembly instance has taken. It makes its memory by itself and tells nobody,
 * so whoever makes one in this worker is noted. Such a memory grows and never shrinks: its size is its peak.
 */
const memories: WebAssembly.Memory[] = [];

/** Call before the runtime is loaded. */
export function watchHeap(): void {
  const Native = WebAssembly.Memory;
  WebAssembly.Memory = class extends Native {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
}

/** Bytes; null where the runtime was not loaded, or was before `watchHeap`. */
export function heapBytes(): number | null {
  if (memories.length === 0) return null;
  return memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
}
