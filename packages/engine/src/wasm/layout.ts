import type { FloatBuffer, Heap } from './heap.ts';

/** Where a box of places lies in a buffer: its first value, and the steps between places, in values. */
export interface BoxLayout {
  readonly buffer: FloatBuffer;
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

/** Copies the values of every place of a box. */
export function copyBox({ kernels }: Heap, box: BoxCopy): void {
  const [copy, lanes] = box.run % 4 === 0 ? [kernels.copy4, 4] : [kernels.copy1, 1];
  copy(...boxArguments(box), box.run / lanes);
}

/** Adds the values of every place of a box to the target, place after place, so that the runs there may overlap. */
export function addBox({ kernels }: Heap, box: BoxCopy): void {
  kernels.addRuns(...boxArguments(box), box.run / 4);
}

function boxArguments({ images, height, width, source, target }: BoxCopy): readonly number[] {
  const steps = [source, target].flatMap(({ image, row, step }) => [4 * image, 4 * row, 4 * step]);
  const [from, to] = [addressOf(source.buffer, source.start), addressOf(target.buffer, target.start)];
  return [from, to, images, height, width, ...steps];
}

/** Where a matrix begins, and the values from one of its rows to the next. */
export interface MatrixLayout {
  readonly buffer: FloatBuffer;
  readonly start: number;
  readonly pitch: number;
}

/** Writes the `[rows, columns]` of `source` to `target` as `[columns, rows]`. */
export function transposeInto(
  { kernels }: Heap,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  source: MatrixLayout,
  target: MatrixLayout,
): void {
  const [from, to] = [addressOf(source.buffer, source.start), addressOf(target.buffer, target.start)];
  kernels.transpose(from, to, rows, columns, 4 * source.pitch, 4 * target.pitch);
}

export function addressOf(buffer: FloatBuffer, index: number): number {
  return buffer.address + 4 * index;
}
