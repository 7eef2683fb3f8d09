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
