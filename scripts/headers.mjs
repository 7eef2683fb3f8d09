// @ts-check
/**
 * The response headers of every page and file the studio serves: cross-origin isolation (threads of
 * WebAssembly need it) and a policy under which nothing but the studio's own files can run or be reached.
 */

import { DOWNLOAD_HOSTS } from '../src/core/hub/hosts.mjs';

const POLICY = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'connect-src': ["'self'", ...DOWNLOAD_HOSTS].join(' '),
  'img-src': "'self' blob:",
  'style-src': "'self'",
  'font-src': "'self'",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': 'default',
};

/** @param {Record<string, string>} policy */
function policyText(policy) {
  return Object.entries(policy)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');
}

/** @type {Record<string, string>} */
export const HEADERS = {
  'Content-Security-Policy': policyText(POLICY),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
};

/** The same policy for a page's own `<meta>`, where a host sends no headers: it may not say who frames it. */
export const META_POLICY = policyText(
  Object.fromEntries(Object.entries(POLICY).filter(([name]) => name !== 'frame-ancestors')),
);

/** The development server injects its own inline script and styles: they carry this nonce, nothing else may. */
export const DEV_NONCE = 'kiln-dev';

/** @type {Record<string, string>} */
export const DEV_HEADERS = {
  ...HEADERS,
  'Content-Security-Policy': policyText({
    ...POLICY,
    'script-src': `${POLICY['script-src']} 'nonce-${DEV_NONCE}'`,
    'style-src': `${POLICY['style-src']} 'nonce-${DEV_NONCE}'`,
  }),
};
