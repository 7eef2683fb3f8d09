import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { DEV_HEADERS, DEV_NONCE, HEADERS, META_POLICY } from './scripts/headers.mjs';
import { webAppManifest } from './scripts/web-app-manifest.mjs';

/** The studio's folder on its host, as in `KILN_BASE=/studio/ npm run build`; the root when not given. */
const base = `/${process.env['KILN_BASE'] ?? ''}/`.replaceAll(/\/+/g, '/');

export default defineConfig(({ command, isPreview }) => ({
  base,
  // No route of the studio lives in the path, so a missing file is a 404 and never the page.
  appType: 'mpa',
  plugins: [react(), tailwindcss(), contentPolicy(), noServiceWorkerInDevelopment(), serviceWorker()],
  // The runtime's WebAssembly is loaded from files named in workers/runtime, not from inside its script.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  worker: { format: 'es', rolldownOptions: { checks: { pluginTimings: false } } },
  build: {
    target: 'es2024',
    // The content policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      checks: { pluginTimings: false },
      // What the first paint needs is one file: in a hundred small ones it is a tenth larger, and a hundred requests.
      output: { codeSplitting: { groups: [{ name: 'shell', tags: ['$initial'] }] } },
    },
  },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  ...(command === 'serve' && isPreview !== true ? { html: { cspNonce: DEV_NONCE } } : {}),
  // One fixed address: the library lives in the browser under it, and another port is another, empty library.
  server: { host: 'localhost', port: 4173, strictPort: true, headers: DEV_HEADERS },
  preview: { host: '127.0.0.1', port: 4173, strictPort: true, headers: HEADERS },
}));

/** The policy in the page itself, for a first visit on a host that sends no headers. */
function contentPolicy(): Plugin {
  return {
    name: 'kiln:content-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: META_POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}

/** What `workers/service-worker` keeps: see there for what is fetched when. */
function serviceWorker() {
  return VitePWA({
    strategies: 'injectManifest',
    srcDir: 'workers/service-worker',
    filename: 'sw.ts',
    injectRegister: null,
    registerType: 'prompt',
    includeManifestIcons: false,
    manifest: webAppManifest(base),
    injectManifest: {
      globPatterns: [
        '**/*.{js,mjs,css,html,svg,woff2,wasm}',
        'icons/*.png',
        'examples/*.webp',
        'models/*.json',
        'models/*/manifest.json',
        'adapters/index.json',
      ],
      // Vite puts a hash into the name of everything below assets/.
      dontCacheBustURLsMatching: /^assets\//,
      // The runtime's WebAssembly is listed too; the service worker fetches it after the install.
      maximumFileSizeToCacheInBytes: 64 * 2 ** 20,
      manifestTransforms: [
        async (entries) => ({
          manifest: entries.map((entry) => ({ ...entry, bytes: entry.size })),
        }),
      ],
    },
  });
}

/**
 * `npm start` and `npm run dev` share an address. A service worker of the built studio would answer for the
 * development server, so there it finds a successor that takes itself away.
 */
function noServiceWorkerInDevelopment(): Plugin {
  return {
    name: 'kiln:no-service-worker-in-development',
    apply: 'serve',
    configureServer({ middlewares }) {
      middlewares.use('/sw.js', (_request, response) => {
        response.setHeader('Content-Type', 'text/javascript');
        response.end(`
          addEventListener('install', () => skipWaiting());
          addEventListener('activate', (event) => event.waitUntil((async () => {
            await registration.unregister();
            for (const page of await clients.matchAll({ type: 'window' })) await page.navigate(page.url);
          })()));
        `);
      });
    },
  };
}
