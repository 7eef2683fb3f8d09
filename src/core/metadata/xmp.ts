/** Says in a PNG, where IPTC's readers look, that a trained model made the picture. */
import type { PngText } from './png-text.ts';

export const XMP_KEYWORD = 'XML:com.adobe.xmp';

/**
 * The XMP packet as a text entry: Iptc4xmpExt:DigitalSourceType is `trainedAlgorithmicMedia`
 * (IPTC Photo Metadata Standard; keyword and iTXt after XMP part 3, section 1.1.5).
 */
export function trainedMediaXmp(): PngText {
  const text = [
    '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">',
    '<Iptc4xmpExt:DigitalSourceType>',
    'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia',
    '</Iptc4xmpExt:DigitalSourceType>',
    '</rdf:Description>',
    '</rdf:RDF>',
    '</x:xmpmeta>',
    '<?xpacket end="r"?>',
  ].join('');
  return { keyword: XMP_KEYWORD, text, international: true };
}

/** Elements in which tools keep settings, and the keyword that stands for each here. */
const ELEMENTS = [
  ['exif:UserComment', 'parameters'],
  ['kiln:request', 'kiln'],
  ['dc:description', 'description'],
  ['xmp:CreatorTool', 'software'],
] as const;

/** The texts of a packet that may be settings. Only plain text is looked for: no entity but the five is undone. */
export function textsOfXmp(packet: string): PngText[] {
  return ELEMENTS.flatMap(([element, keyword]) => {
    const text = elementText(packet, element) ?? attributeText(packet, element);
    return text === null || text === '' ? [] : [{ keyword, text }];
  });
}

function elementText(packet: string, element: string): string | null {
  const start = packet.indexOf(`<${element}>`);
  const end = start === -1 ? -1 : packet.indexOf(`</${element}>`, start);
  if (end === -1) return null;
  const inner = packet.slice(start + element.length + 2, end);
  const item = inner.indexOf('<rdf:li');
  if (item === -1) return unescapeXml(inner);
  const open = inner.indexOf('>', item);
  const close = inner.indexOf('</rdf:li>', item);
  return open === -1 || close < open ? null : unescapeXml(inner.slice(open + 1, close));
}

function attributeText(packet: string, element: string): string | null {
  const start = packet.indexOf(` ${element}="`);
  if (start === -1) return null;
  const from = start + element.length + 3;
  const end = packet.indexOf('"', from);
  return end === -1 ? null : unescapeXml(packet.slice(from, end));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

function unescapeXml(text: string): string {
  return text
    .replaceAll(/&(?:lt|gt|quot|apos|amp);|&#x?[0-9a-f]{1,6};/gi, (entity) => {
      if (!entity.startsWith('&#')) return ENTITIES[entity.toLowerCase()] ?? entity;
      const isHex = entity[2] === 'x' || entity[2] === 'X';
      const code = Number.parseInt(entity.slice(isHex ? 3 : 2, -1), isHex ? 16 : 10);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
    })
    .trim();
}
