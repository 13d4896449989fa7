import type { Buffer, Heap } from './heap.ts';

/** Where a box of places lies in a buffer: its first value, and the steps between places, in values. */
export interface BoxLayout {
  readonly buffer: Buffer;
  readonly start: number;
  readonly image: number;
  readonly row: number;
  readonly step: number;
}

export interface BoxCopy {
  readonly images: number;
  readonly height: number;
  readonly width: number;
  /** Values at each place. */
  readonly run: number;
  readonly source: BoxLayout;
  readonly target: BoxLayout;
}

/** Copies the values of every place of a box. A step of zero in the source repeats it. */
export function copyBox({ kernels }: Heap, { images, height, width, run, source, target }: BoxCopy): void {
  const [copy, groups] = run % 4 === 0 ? [kernels.copy4, run / 4] : [kernels.copy1, run];
  copy(
    addressOf(source.buffer, source.start),
    addressOf(target.buffer, target.start),
    images,
    height,
    width,
    4 * source.image,
    4 * source.row,
    4 * source.step,
    4 * target.image,
    4 * target.row,
    4 * target.step,
    groups,
  );
}

/** Writes `[rows, columns]`, which starts `from` values into `source`, as `[columns, rows]` to `to` in `target`. */
export function transposeInto(
  { kernels }: Heap,
  matrix: { readonly rows: number; readonly columns: number },
  [source, from]: readonly [Buffer, number],
  [target, to]: readonly [Buffer, number],
): void {
  const { rows, columns } = matrix;
  kernels.transpose(addressOf(source, from), addressOf(target, to), rows, columns, 4 * columns, 4 * rows);
}

export function addressOf(buffer: Buffer, index: number): number {
  return buffer.address + 4 * index;
}
