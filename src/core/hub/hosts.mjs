// @ts-check
/**
 * The hosts a download may reach: this list, and nothing else, also makes the page's content policy. Plain
 * JavaScript, because the server's headers are made from it too.
 *
 * The hub answers for small files itself and sends large ones from hosts below `hf.co`, whose names change by
 * region; what they send is checked against the hash that the hub's own listing gave.
 */

/** Where repositories are listed. */
export const HUB_ORIGIN = 'https://huggingface.co';

/** As the sources of a content policy: `*.` stands for any subdomain. */
export const DOWNLOAD_HOSTS = [HUB_ORIGIN, 'https://*.huggingface.co', 'https://*.hf.co'];
