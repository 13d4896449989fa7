/** How the code of a kept result differs, in few words: a workspace of many packages would fill the screen. `why` names each. */
export function otherCodeWords(differences: readonly string[]): string {
  const [first, ...more] = differences;
  if (first === undefined || more.length === 0) return first ?? '';
  return `${first}, and ${more.length} more`;
}
