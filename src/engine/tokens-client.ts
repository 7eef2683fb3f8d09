/** The page's handle on the worker that counts tokens. It starts with the first question. */
import * as Comlink from 'comlink';
import type { TokenCounter, TokensApi } from './tokens-api.ts';

export function createTokenCounter(): TokenCounter {
  let api: Comlink.Remote<TokensApi> | null = null;
  let gone: Promise<never> = new Promise(() => {});
  const start = () => {
    const thread = new Worker(new URL('../../workers/tokens.worker.ts', import.meta.url), {
      type: 'module',
      name: 'tokens',
    });
    gone = new Promise((_, reject) => {
      thread.addEventListener('error', (event) => {
        event.preventDefault();
        thread.terminate();
        api = null;
        reject(new Error(event.message || 'The worker script could not be loaded.'));
      });
    });
    gone.catch(() => undefined);
    return Comlink.wrap<TokensApi>(thread);
  };
  return {
    count: async (query) => {
      try {
        api ??= start();
        return await Promise.race([gone, api.count(query)]);
      } catch {
        // A number that helps to write is no reason to trouble anybody.
        return null;
      }
    },
  };
}
