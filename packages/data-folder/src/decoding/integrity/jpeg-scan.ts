import type { HuffmanTable } from './huffman-table.ts';
import type { JpegBits } from './jpeg-bits.ts';
import { type Component, type Frame, isProgressive, JpegFault, type ScanHeader } from './jpeg-segments.ts';

/** Which coefficients of each component are not zero yet, 64 for each block: what refining scans go by. Kept where a scan refines. */
export type NonZero = ReadonlyMap<Component, Uint8Array>;

const none = new Uint8Array();

/** Reads one block of the scan; `at` is where its 64 coefficients begin. */
type ReadBlock = (bits: JpegBits, part: Part, at: number) => void;

type Part = ScanHeader['parts'][number] & {
  /** The last brightness, which the next is coded against. */
  dcBefore: number;
  readonly nonZero: Uint8Array;
};

/** Blocks of a component in a row and in a column, filled up to whole minimum coded units. */
export function blocksOf({ height, width, components }: Frame, { across, down }: Component) {
  const most = (side: 'across' | 'down') => Math.max(...components.map((component) => component[side]));
  const [unitsAcross, unitsDown] = [Math.ceil(width / (8 * most('across'))), Math.ceil(height / (8 * most('down')))];
  return {
    row: unitsAcross * across,
    column: unitsDown * down,
    unitsAcross,
    unitsDown,
    // Without the filling: what a scan of this component alone holds.
    ownRow: Math.ceil((width * across) / (8 * most('across'))),
    ownColumn: Math.ceil((height * down) / (8 * most('down'))),
  };
}

/**
 * Follows every code of a scan, and throws where they are not those of a whole image.
 *
 * @param nonZero is brought up to date
 */
export function followScan(header: ScanHeader, intervals: readonly JpegBits[], nonZero: NonZero): void {
  const parts = header.parts.map(
    (part): Part => ({ ...part, dcBefore: 0, nonZero: nonZero.get(part.component) ?? none }),
  );
  const reader = isProgressive(header.frame) ? progressive(header) : { read: sequential, restart() {}, expectEnd() {} };
  const units = unitsOf(header.frame, parts);
  const perInterval = header.restartInterval === 0 ? units.count : header.restartInterval;
  if (intervals.length !== Math.ceil(units.count / perInterval)) {
    throw new JpegFault('it has more or fewer restart markers than its pixels need');
  }
  intervals.forEach((bits, interval) => {
    for (const part of parts) part.dcBefore = 0;
    reader.restart();
    const end = Math.min(units.count, (interval + 1) * perInterval);
    const read = (part: Part, at: number): void => {
      reader.read(bits, part, at);
      bits.expectWithin();
    };
    for (let unit = interval * perInterval; unit < end; unit++) units.each(unit, read);
    reader.expectEnd();
    bits.expectEnd();
  });
}

interface Units {
  readonly count: number;
  /** Calls `block` for every block of a minimum coded unit. */
  each(unit: number, block: (part: Part, at: number) => void): void;
}

function unitsOf(frame: Frame, parts: readonly Part[]): Units {
  const shapes = parts.map((part) => blocksOf(frame, part.component));
  const [first] = shapes;
  if (parts.length === 1) {
    const { ownRow, ownColumn, row } = first!;
    return {
      count: ownRow * ownColumn,
      each: (unit, block) => block(parts[0]!, 64 * (Math.floor(unit / ownRow) * row + (unit % ownRow))),
    };
  }
  const { unitsAcross, unitsDown } = first!;
  return {
    count: unitsAcross * unitsDown,
    each(unit, block) {
      const [top, left] = [Math.floor(unit / unitsAcross), unit % unitsAcross];
      parts.forEach((part, i) => {
        const { across, down } = part.component;
        for (let y = 0; y < down; y++) {
          const start = (top * down + y) * shapes[i]!.row + left * across;
          for (let x = 0; x < across; x++) block(part, 64 * (start + x));
        }
      });
    },
  };
}

const sequential: ReadBlock = (bits, part) => {
  readBrightness(bits, part, 0);
  const table = expectTable(part.ac);
  for (let k = 1; k < 64; ) {
    const symbol = bits.symbol(table);
    const [run, size] = [symbol >> 4, symbol & 15];
    if (size === 0 && run < 15) return;
    k += size === 0 ? 16 : run;
    if (k > (size === 0 ? 64 : 63)) throw tooMany();
    if (size === 0) continue;
    expectPossible(bits.signed(size), part, k);
    k++;
  }
};

function readBrightness(bits: JpegBits, part: Part, low: number): void {
  const size = bits.symbol(expectTable(part.dc));
  if (size > 11) throw impossible();
  part.dcBefore += bits.signed(size);
  expectPossible(part.dcBefore << low, part, 0);
}

/** The four kinds of a progressive scan (T.81, annex G): brightness or the rest, first or refined by one more bit. */
function progressive(header: ScanHeader) {
  const { from, to, high, low, parts } = header;
  if (from > to || to > 63 || low > 13 || (from === 0 && to !== 0) || (from > 0 && parts.length > 1)) {
    throw new JpegFault('the header of a scan is damaged');
  }
  const empty: EmptyBlocks = { left: 0 };
  const firstBrightness: ReadBlock = (bits, part) => readBrightness(bits, part, low);
  const refinedBrightness: ReadBlock = (bits) => bits.bits(1);
  const rest = () => (high === 0 ? firstRest(header, empty) : refinedRest(header, empty));
  return {
    read: from > 0 ? rest() : high === 0 ? firstBrightness : refinedBrightness,
    restart() {
      empty.left = 0;
    },
    expectEnd() {
      if (empty.left > 0) throw new JpegFault('its compressed data describe more pixels than it has');
    },
  };
}

/** How many blocks, the one at hand included, have nothing more in this scan. */
interface EmptyBlocks {
  left: number;
}

function firstRest({ from, to, low }: ScanHeader, empty: EmptyBlocks): ReadBlock {
  return (bits, part, at) => {
    if (empty.left > 0) {
      empty.left--;
      return;
    }
    const table = expectTable(part.ac);
    for (let k = from; k <= to; ) {
      const symbol = bits.symbol(table);
      const [run, size] = [symbol >> 4, symbol & 15];
      if (size === 0 && run < 15) {
        empty.left = 2 ** run + bits.bits(run) - 1;
        return;
      }
      k += size === 0 ? 16 : run;
      if (k > (size === 0 ? to + 1 : to)) throw tooMany();
      if (size === 0) continue;
      expectPossible(bits.signed(size) << low, part, k);
      part.nonZero[at + k] = 1;
      k++;
    }
  };
}

function refinedRest({ from, to }: ScanHeader, empty: EmptyBlocks): ReadBlock {
  return (bits, part, at) => {
    const table = expectTable(part.ac);
    let k = from;
    while (empty.left === 0 && k <= to) {
      const symbol = bits.symbol(table);
      const [run, size] = [symbol >> 4, symbol & 15];
      if (size > 1) throw tooMany();
      if (size === 0 && run < 15) {
        empty.left = 2 ** run + bits.bits(run);
        break;
      }
      bits.bits(size); // its sign
      k = refine(bits, part.nonZero, { at, from: k, to, zeros: run });
      if (size === 1) {
        if (k > to) throw tooMany();
        part.nonZero[at + k] = 1;
      }
      k++;
    }
    if (empty.left === 0) return;
    refine(bits, part.nonZero, { at, from: k, to, zeros: 64 });
    empty.left--;
  };
}

/** Reads one bit for each coefficient that is not zero, up to where `zeros` zero ones have been passed. */
function refine(
  bits: JpegBits,
  nonZero: Uint8Array,
  { at, from, to, zeros }: { at: number; from: number; to: number; zeros: number },
): number {
  let left = zeros;
  for (let k = from; k <= to; k++) {
    if (nonZero[at + k] === 1) bits.bits(1);
    else if (left-- === 0) return k;
  }
  return to + 1;
}

/** No 8 x 8 pixels of 8 bits have a coefficient beyond 8 x 128; rounding adds at most a step of quantisation. */
function expectPossible(coefficient: number, { steps }: Part, k: number): void {
  const step = steps?.[k] ?? 1;
  if (Math.abs(coefficient) * step > 1024 + 2 * step) throw impossible();
}

function expectTable(table: HuffmanTable | undefined): HuffmanTable {
  if (!table) throw new JpegFault('a Huffman table is missing');
  return table;
}

function impossible(): JpegFault {
  return new JpegFault('its compressed data hold values that no pixels have');
}

function tooMany(): JpegFault {
  return new JpegFault('its compressed data hold more values than a block has');
}
