/** At most `most` of `texts`, and how many more there are. */
export function firstOf(texts: readonly string[], most: number, separator = ', ', before = ''): string {
  const rest = texts.length > most ? [`${before}and ${texts.length - most} more`] : [];
  return [...texts.slice(0, most), ...rest].join(separator);
}

/** How many files an error names. */
export const mostNamed = 20;
