import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';
import { DEV_HEADERS, DEV_NONCE, HEADERS } from './scripts/headers.mjs';

export default defineConfig(({ command, isPreview }) => ({
  base: '/',
  // No route of the studio lives in the path, so a missing file is a 404 and never the page.
  appType: 'mpa',
  plugins: [react(), tailwindcss()],
  // The runtime's WebAssembly is loaded from files named in workers/runtime, not from inside its script.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  worker: { format: 'es', rolldownOptions: { checks: { pluginTimings: false } } },
  build: {
    target: 'es2024',
    // The content policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  ...(command === 'serve' && isPreview !== true ? { html: { cspNonce: DEV_NONCE } } : {}),
  // One fixed address: the library lives in the browser under it, and another port is another, empty library.
  server: { host: 'localhost', port: 4173, strictPort: true, headers: DEV_HEADERS },
  preview: { host: '127.0.0.1', port: 4173, strictPort: true, headers: HEADERS },
}));
