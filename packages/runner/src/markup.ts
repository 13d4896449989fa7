/** `text` as text of XML or HTML, also inside a quoted attribute. */
export function entity(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
