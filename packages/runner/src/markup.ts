// Control characters, which XML refuses, and those that change the direction of what follows.
const hidden = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** `text` as text of XML or HTML, also inside a quoted attribute; a replacement character for what would hide or turn it around. */
export function entity(text: string): string {
  const visible = text.replace(hidden, (character) => (/[\t\n\r]/.test(character) ? character : '\ufffd'));
  return visible.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
