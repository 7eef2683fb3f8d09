/** Transformers.js in this worker: with the runtime that is here already, and files from the library only. */
import { lendOrt, type LentSession, type OpenOptions } from './ort.ts';
import { type FileCache, useLibraryFiles } from './transformers-cache.ts';

export type Transformers = typeof import('@huggingface/transformers');

/** What the library is given while something of it opens. */
export interface Borrower {
  files: FileCache;
  prepare(graph: Uint8Array): Promise<OpenOptions>;
  onOpen(session: LentSession): void;
}

/** Where the library looks for a runtime before it brings one. */
const RUNTIME = Symbol.for('onnxruntime');

let borrower: Borrower | null = null;
let loading: Promise<Transformers> | null = null;

/** Loads the library when it is first asked for, and has it ask this borrower from now on. */
export function loadTransformers(next: Borrower): Promise<Transformers> {
  borrower = next;
  loading ??= (async () => {
    const lent = await lendOrt(
      (graph) => borrower!.prepare(graph),
      (session) => borrower!.onOpen(session),
    );
    Object.assign(globalThis, { [RUNTIME]: lent });
    const library = await import('@huggingface/transformers');
    useLibraryFiles(library.env, {
      match: (request) => borrower!.files.match(request),
      put: async () => {},
    });
    library.env.logLevel = library.LogLevel.ERROR;
    return library;
  })();
  return loading;
}
