import { formatLocale } from 'd3-format';

/** English, with a real minus sign and a narrow no-break space before the sign of percent. */
const { format } = formatLocale({
  ...{ decimal: '.', thousands: ',', grouping: [3], currency: ['', ''] },
  ...{ minus: '\u2212', percent: '\u202f%' },
});

/** `69.98 %`, without trailing zeros. */
export function percent(fraction: number, digits = 2): string {
  return format(`.${digits}~%`)(fraction);
}

/** The same with all `digits` decimals: for columns of numbers. */
export function fixedPercent(fraction: number, digits = 1): string {
  return format(`.${digits}%`)(fraction);
}

/** With `digits` decimals: `0.441`. */
export function decimal(value: number, digits = 3): string {
  return format(`.${digits}f`)(value);
}

/** A learning rate, loss or other number of unknown size with three significant digits. */
export function significant(value: number, digits = 3): string {
  return format(`.${digits}~r`)(value);
}

/** `1,234` */
export const whole = format(',d');

/** `1 image`, `3 images` */
export function count(value: number, singular: string, plural = `${singular}s`): string {
  return `${whole(value)} ${value === 1 ? singular : plural}`;
}

/** `12` or `12-14` when the two differ. */
export function span([low, high]: readonly [number, number]): string {
  return low === high ? whole(low) : `${whole(low)}\u2013${whole(high)}`;
}

/** `a, b and c`, or with another word before the last. */
export function listed(items: readonly string[], word = 'and'): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}
