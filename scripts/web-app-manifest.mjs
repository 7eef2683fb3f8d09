// @ts-check
/**
 * What makes the studio an app that installs: its name, icons, and the files it opens. Addresses without a
 * slash in front are relative to the studio's folder.
 */

/** The ground of index.html in dark, which the icons stand on. */
const GROUND = '#161412';

/** @param {string} base the studio's folder on its host, with slashes at both ends */
export function webAppManifest(base) {
  return {
    // An id is resolved against the origin: two studios on one host must not be one app.
    id: base,
    start_url: base,
    scope: base,
    name: 'Kiln, an image studio',
    short_name: 'Kiln',
    description: 'Makes pictures from words, wholly on your own device.',
    lang: 'en',
    /** @type {'ltr'} */
    dir: 'ltr',
    /** @type {'standalone'} */
    display: 'standalone',
    background_color: GROUND,
    theme_color: GROUND,
    categories: ['graphics', 'photo', 'productivity'],
    icons: [
      { src: 'icons/192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
      { src: 'icons/512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
      { src: 'icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
      { src: 'favicon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
    ],
    screenshots: [
      {
        src: 'screenshots/wide.png',
        sizes: '1280x800',
        type: 'image/png',
        /** @type {'wide'} */
        form_factor: 'wide',
        label: 'A prompt and the picture it became',
      },
      {
        src: 'screenshots/narrow.png',
        sizes: '390x844',
        type: 'image/png',
        /** @type {'narrow'} */
        form_factor: 'narrow',
        label: 'The studio on a phone',
      },
    ],
    // Opening a file brings the open window to the front; nothing that is being made there is lost.
    launch_handler: {
      /** @type {['focus-existing', 'auto']} */
      client_mode: ['focus-existing', 'auto'],
    },
    file_handlers: [
      {
        action: base,
        accept: { 'image/png': ['.png'], 'application/octet-stream': ['.safetensors'] },
      },
    ],
    share_target: {
      action: `${base}share`,
      /** @type {'POST'} */
      method: 'POST',
      enctype: 'multipart/form-data',
      params: {
        files: [{ name: 'file', accept: ['image/png', '.png', 'application/octet-stream', '.safetensors'] }],
      },
    },
  };
}
