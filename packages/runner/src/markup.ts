import { visible } from '@espalier/files';

/** `text` as text of XML or HTML, also inside a quoted attribute; a replacement character for what would hide or turn it around. */
export function entity(text: string): string {
  return visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
