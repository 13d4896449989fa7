// Control characters but tab and line ends, and those that change the direction of what follows: marks, embeddings,
// overrides and isolates of the Unicode bidirectional algorithm. Letters of right-to-left scripts stay.
const hidden = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** `text` with a replacement character for each character that would hide, or reorder, what a reader sees. */
export function visible(text: string): string {
  return text.replace(hidden, (character) => (/[\t\n\r]/.test(character) ? character : '\ufffd'));
}
