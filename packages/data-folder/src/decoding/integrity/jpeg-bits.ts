import type { HuffmanTable } from './huffman-table.ts';
import { JpegFault } from './jpeg-segments.ts';

/** The bits between two markers, first to last. */
export class JpegBits {
  readonly #bytes: Uint8Array;
  readonly #length: number;
  #at = 0;

  /** @param bytes without stuffing, and with three bytes more at the end that are not counted */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#length = 8 * (bytes.length - 3);
  }

  /** The next symbol of a Huffman code. */
  symbol({ lookup }: HuffmanTable): number {
    const found = lookup[this.#peek16()]!;
    if (found === 0) throw new JpegFault('its compressed data hold a code that is in no table');
    this.#at += found >> 8;
    return found & 0xff;
  }

  /** The next `count` bits (at most 16), as a number. */
  bits(count: number): number {
    if (count === 0) return 0;
    const value = this.#peek16() >> (16 - count);
    this.#at += count;
    return value;
  }

  /** The next number of `size` bits, as T.81 codes them: half of the codes are negative (figure F.12). */
  signed(size: number): number {
    const value = this.bits(size);
    return size === 0 || value >> (size - 1) === 1 ? value : value - (1 << size) + 1;
  }

  /** What is read beyond the end is zeros. */
  expectWithin(): void {
    if (this.#at > this.#length) throw new JpegFault('its compressed data end before its pixels do');
  }

  /** Fewer than eight bits may be left, to fill the last byte. */
  expectEnd(): void {
    const bytes = (this.#length - this.#at) >> 3;
    if (bytes > 0) throw new JpegFault(`its compressed data are ${bytes} bytes longer than its pixels need`);
  }

  #peek16(): number {
    const at = this.#at >> 3;
    const three = (this.#bytes[at]! << 16) | (this.#bytes[at + 1]! << 8) | this.#bytes[at + 2]!;
    return (three >> (8 - (this.#at & 7))) & 0xffff;
  }
}

/**
 * The entropy-coded data that begin at `start`, parted at restart markers, and where they end.
 *
 * A byte 0xff in the data is followed by a zero, which is no part of them (T.81, B.1.1.5).
 */
export function entropyCoded(
  file: Uint8Array,
  start: number,
): { readonly intervals: JpegBits[]; readonly end: number } {
  const intervals: JpegBits[] = [];
  const take = (from: number, to: number) => intervals.push(new JpegBits(unstuffed(file.subarray(from, to))));
  let from = start;
  for (let at = start; ; at++) {
    at = file.indexOf(0xff, at);
    const next = at < 0 ? undefined : file[at + 1];
    if (next === undefined) throw new JpegFault('it is cut short');
    if (next === 0) continue;
    if (next < 0xd0 || next > 0xd7) {
      take(from, at);
      return { intervals, end: at };
    }
    if (next - 0xd0 !== intervals.length % 8) throw new JpegFault('a restart marker is missing or out of order');
    take(from, at);
    from = at + 2;
  }
}

function unstuffed(stuffed: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(stuffed.length + 3);
  let length = 0;
  for (let from = 0; from < stuffed.length; ) {
    const mark = stuffed.indexOf(0xff, from);
    const to = mark < 0 ? stuffed.length : mark + 1;
    bytes.set(stuffed.subarray(from, to), length);
    length += to - from;
    from = to + (mark < 0 ? 0 : 1);
  }
  return bytes.subarray(0, length + 3);
}
