import * as z from 'zod';

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const sizeUnits: Readonly<Record<string, number>> = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

// So many digits that everything is in reach, and no number is infinite.
const durationPattern = /^(\d{1,9}(?:\.\d{1,9})?) ?(ms|s|min|h|d)$/;
const sizePattern = /^(\d{1,9}(?:\.\d{1,9})?) ?(MiB|GiB|TiB)$/;

/** A length of time as people write it: `500ms`, `30s`, `10min`, `6h`, `1d`. */
export const durationText = z.string().regex(durationPattern);

/** A size in memory as people write it: `512MiB`, `16GiB`. */
export const sizeText = z.string().regex(sizePattern);

/** Milliseconds of a {@link durationText}; undefined for anything else. */
export function milliseconds(text: string): number | undefined {
  return quantity(text, durationPattern, durationUnits);
}

/** Bytes of a {@link sizeText}; undefined for anything else. */
export function bytesOf(text: string): number | undefined {
  return quantity(text, sizePattern, sizeUnits);
}

function quantity(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number | undefined {
  const [, number, unit] = pattern.exec(text) ?? [];
  return unit === undefined ? undefined : Math.round(Number(number) * units[unit]!);
}
