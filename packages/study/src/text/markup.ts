import { visible } from '@espalier/files';
import { escapeHtml } from '@espalier/html';

/** `text` as text of XML or HTML, also inside a quoted attribute; a replacement character for what would hide or turn it around. */
export function entity(text: string): string {
  return escapeHtml(visible(text));
}
