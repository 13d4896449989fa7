/**
 * The order of Python's `sorted`, and so of torchvision's ImageFolder: by code points. JavaScript's own compares UTF-16 units, of
 * which those of an emoji stand before those of some letters.
 */
export function byCodePoints(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  // Two halves of a pair may differ in the second alone: the code points begin one unit before.
  const start = i > 0 && isLow(a.charCodeAt(i)) && isLow(b.charCodeAt(i)) ? i - 1 : i;
  return (a.codePointAt(start) ?? -1) - (b.codePointAt(start) ?? -1);
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
