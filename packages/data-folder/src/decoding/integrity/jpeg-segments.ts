import { type HuffmanTable, huffmanTable } from './huffman-table.ts';

/** One colour component of a JPEG. */
export interface Component {
  readonly id: number;
  /** Blocks per minimum coded unit, across and down. */
  readonly across: number;
  readonly down: number;
  readonly quantisation: number;
}

export interface Frame {
  /** 0xc0 baseline, 0xc1 extended, 0xc2 progressive; others are coded in other ways. */
  readonly kind: number;
  readonly bitsPerSample: number;
  readonly height: number;
  readonly width: number;
  readonly components: readonly Component[];
}

/** What was defined when a scan begins. */
export interface ScanHeader {
  readonly frame: Frame;
  readonly parts: readonly {
    readonly component: Component;
    readonly dc: HuffmanTable | undefined;
    readonly ac: HuffmanTable | undefined;
    /** Quantisation step by position in zigzag order. */
    readonly steps: Uint16Array | undefined;
  }[];
  /** Minimum coded units between two restart markers; 0 for none. */
  readonly restartInterval: number;
  /** First and last coefficient in zigzag order, and the bits that are known and that remain (successive approximation). */
  readonly from: number;
  readonly to: number;
  readonly high: number;
  readonly low: number;
}

/** A JPEG that is not one: what is wrong, as a clause. */
export class JpegFault extends Error {}

const huffmanFrames = [0xc0, 0xc1, 0xc2];

/** The tables that the segments read so far define. */
export class JpegSegments {
  frame: Frame | undefined;
  #restartInterval = 0;
  readonly #steps = new Map<number, Uint16Array>();
  readonly #tables = new Map<number, HuffmanTable>();

  /** Takes a segment that is no scan. */
  read(marker: number, body: Uint8Array): void {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    if (marker === 0xdb) this.#readSteps(body, view);
    else if (marker === 0xc4) this.#readTables(body);
    else if (marker === 0xdd) this.#restartInterval = body.length >= 2 ? view.getUint16(0) : 0;
    else if (isFrame(marker)) this.frame = frameOf(marker, body, view);
  }

  /** The scan that the body of an SOS segment begins. */
  scan(body: Uint8Array): ScanHeader {
    const { frame } = this;
    if (!frame) throw new JpegFault('its pixels begin before its size');
    const count = body[0] ?? 0;
    if (count < 1 || count > 4 || body.length < 4 + 2 * count) throw new JpegFault('the header of a scan is damaged');
    const parts = Array.from({ length: count }, (_, i) => {
      const component = frame.components.find(({ id }) => id === body[1 + 2 * i]);
      if (!component) throw new JpegFault('a scan names a colour component that there is not');
      const tables = body[2 + 2 * i]!;
      const [dc, ac] = [this.#tables.get(tables >> 4), this.#tables.get(0x10 | (tables & 15))];
      return { component, dc, ac, steps: this.#steps.get(component.quantisation) };
    });
    const [from, to, bits] = body.subarray(1 + 2 * count) as unknown as [number, number, number]; // its length was checked
    return { frame, parts, restartInterval: this.#restartInterval, from, to, high: bits >> 4, low: bits & 15 };
  }

  #readSteps(body: Uint8Array, view: DataView): void {
    for (let at = 0; at < body.length; ) {
      const [wide, id] = [body[at]! >> 4, body[at]! & 15];
      const bytes = wide === 0 ? 1 : 2;
      if (at + 1 + 64 * bytes > body.length) throw new JpegFault('a quantisation table is damaged');
      const start = at + 1;
      const step = (i: number) => (bytes === 1 ? body[start + i]! : view.getUint16(start + 2 * i));
      this.#steps.set(
        id,
        Uint16Array.from({ length: 64 }, (_, i) => step(i)),
      );
      at = start + 64 * bytes;
    }
  }

  #readTables(body: Uint8Array): void {
    for (let at = 0; at < body.length; ) {
      const counts = body.subarray(at + 1, at + 17);
      const symbols = counts.reduce((sum, count) => sum + count, 0);
      const end = at + 17 + symbols;
      const table = end <= body.length ? huffmanTable(counts, body.subarray(at + 17, end)) : undefined;
      if (!table) throw new JpegFault('a Huffman table is damaged');
      this.#tables.set(body[at]!, table);
      at = end;
    }
  }
}

/** True where `frame` is coded in a way that is followed here: 8 bits per sample, Huffman codes. */
export function isFollowed({ kind, bitsPerSample }: Frame): boolean {
  return huffmanFrames.includes(kind) && bitsPerSample === 8;
}

export function isProgressive({ kind }: Frame): boolean {
  return kind === 0xc2;
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function frameOf(kind: number, body: Uint8Array, view: DataView): Frame {
  const count = body[5] ?? 0;
  if (count < 1 || count > 4 || body.length < 6 + 3 * count) throw new JpegFault('the header of its frame is damaged');
  const components = Array.from({ length: count }, (_, i) => {
    const [id, sampling, quantisation] = body.subarray(6 + 3 * i) as unknown as [number, number, number]; // as above
    return { id, across: sampling >> 4, down: sampling & 15, quantisation };
  });
  if (components.some(({ across, down }) => across < 1 || across > 4 || down < 1 || down > 4)) {
    throw new JpegFault('the header of its frame is damaged');
  }
  return { kind, bitsPerSample: body[0]!, height: view.getUint16(1), width: view.getUint16(3), components };
}
