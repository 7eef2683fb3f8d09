/** How the service worker answers a request that the offline switch does not let out. */
export const BLOCKED_HEADER = 'x-kiln-blocked';
/** No server said this, and nobody should retry it. */
export const BLOCKED_STATUS = 403;
