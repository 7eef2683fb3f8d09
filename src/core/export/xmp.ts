/** The XMP packet of a picture in a JPEG or WebP: that a model made it, and its request beside. */
import { trainedMediaXmp } from '#core/metadata/xmp.ts';

const CLOSING = '</rdf:Description>';
const OPENING = '<rdf:Description ';
const KILN = 'urn:kiln:picture:1';

/** @param requestText our request as JSON, or null to leave it out */
export function pictureXmp(requestText: string | null): string {
  const { text } = trainedMediaXmp();
  if (requestText === null) return text;
  return text
    .replace(OPENING, `${OPENING}xmlns:kiln="${KILN}" `)
    .replace(CLOSING, () => `<kiln:request>${escapeXml(requestText)}</kiln:request>${CLOSING}`);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
