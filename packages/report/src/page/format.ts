import { type Html, html } from '@espalier/html';

/** `69.98 %`, without trailing zeros; a narrow no-break space before the sign. */
export function percent(fraction: number, digits = 2): string {
  return `${trimZeros((100 * fraction).toFixed(digits))}\u202f%`;
}

/** The same with all `digits` decimals: for columns of numbers. */
export function fixedPercent(fraction: number, digits = 1): string {
  return `${decimal(100 * fraction, digits)}\u202f%`;
}

/** A number with `digits` decimals and a real minus sign. */
export function decimal(value: number, digits = 3): string {
  return value.toFixed(digits).replace('-', '\u2212');
}

/** A learning rate, loss or other number of unknown size with three significant digits. */
export function significant(value: number, digits = 3): string {
  return String(Number(value.toPrecision(digits))).replace('-', '\u2212');
}

/** `1,234` */
export function whole(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 image`, `3 images` */
export function count(value: number, singular: string, plural = `${singular}s`): string {
  return `${whole(value)} ${value === 1 ? singular : plural}`;
}

/** `12` or `12-14` when the two differ. */
export function span([low, high]: readonly [number, number]): string {
  return low === high ? whole(low) : `${whole(low)}\u2013${whole(high)}`;
}

/** The first characters of a digest, the whole of it on hover. */
export function digestCode(digest: string): Html {
  return html`<code title="${digest}">${digest.slice(0, 12)}</code>`;
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
