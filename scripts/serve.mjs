// @ts-check
/**
 * Serves the built studio on this machine only, through Vite's preview server.
 * @import { Mounts } from './model-files.mjs'
 * @import { AddressInfo } from 'node:net'
 */
import net from 'node:net';
import path from 'node:path';
import { HEADERS } from './headers.mjs';
import { folderFiles, modelFiles } from './model-files.mjs';
import { ROOT } from './run.mjs';

/** The studio's own address. Another port is another origin: another, empty library. */
export const PORT = 4173;
/** Marks answers of this server, so that a second start can tell it from a stranger on the port. */
const MARK = 'x-kiln-server';

/**
 * @param {{ port?: number, mounts?: Mounts, folders?: Record<string, string> }} [options] port 0 takes any
 *   free one; `folders` are served beside the studio, by their prefix `/name/`
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serve(options = {}) {
  const { preview } = await import('vite');
  const server = await preview({
    root: ROOT,
    logLevel: 'error',
    preview: { port: options.port ?? PORT, strictPort: true, cors: false, open: false },
    plugins: [
      {
        name: 'studio-server',
        configurePreviewServer({ middlewares }) {
          middlewares.use((request, response, next) => {
            for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
            response.setHeader(MARK, '1');
            // On one machine compressing costs more than it saves, and hides the size of a download.
            delete request.headers['accept-encoding'];
            next();
          });
          for (const [prefix, folder] of Object.entries(options.folders ?? {})) {
            middlewares.use(folderFiles(prefix, folder));
          }
          middlewares.use(modelFiles(options.mounts ?? new Map(), path.join(ROOT, 'dist', 'models')));
        },
      },
    ],
  });
  const { port } = /** @type {AddressInfo} */ (server.httpServer.address());
  return { url: `http://localhost:${port}/`, close: () => server.close() };
}

/**
 * Who answers on a port: nobody, a studio started earlier, or another program.
 * @param {number} port
 * @returns {Promise<'free' | 'studio' | 'other'>}
 */
export async function whoAnswers(port) {
  const hosts = ['127.0.0.1', '::1'];
  const taken = await Promise.all(hosts.map((host) => connects(host, port)));
  if (!taken.includes(true)) return 'free';
  const host = taken[0] ? '127.0.0.1' : '[::1]';
  try {
    const answer = await fetch(`http://${host}:${port}/`, { signal: AbortSignal.timeout(3000) });
    return answer.headers.has(MARK) ? 'studio' : 'other';
  } catch {
    return 'other';
  }
}

/**
 * @param {string} host
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function connects(host, port) {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 1000 });
    const end = (/** @type {boolean} */ is) => {
      socket.destroy();
      resolve(is);
    };
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
    socket.on('timeout', () => end(false));
  });
}
