import { shownPath } from '@espalier/files';

/** At most `most` of `texts`, and how many more there are. */
export function firstOf(texts: readonly string[], most: number, separator = ', ', before = ''): string {
  const rest = texts.length > most ? [`${before}and ${texts.length - most} more`] : [];
  return [...texts.slice(0, most), ...rest].join(separator);
}

/** How many files an error names. */
export const mostNamed = 20;

/** The first line of what an error says. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}

/** `1 file`, `2 files`. */
export function count(number: number, one: string, more = `${one}s`): string {
  return `${number} ${number === 1 ? one : more}`;
}

/** Names as a person may read them, at most twelve. */
export function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : firstOf(names.map(shownPath), 12).replace(/, and (?=\d+ more$)/, ' and ');
}
