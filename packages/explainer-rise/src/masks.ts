import type { InputSpec, RandomStream } from '@espalier/core';

/** A mask before it is enlarged: which cells of a `grid` x `grid` are kept, and by how many pixels the enlarged grid is shifted up and left. */
export interface Cells {
  /** One byte per cell, row-major: 1 keeps it. */
  readonly kept: Uint8Array;
  readonly up: number;
  readonly left: number;
}

type Size = Pick<InputSpec, 'height' | 'width'>;

/** Cells that are kept with `probability`, and a shift of less than a cell. */
export function drawnCells(
  grid: number,
  probability: number,
  { height, width }: Size,
  stream: Pick<RandomStream, 'uniform' | 'integer'>,
): Cells {
  const kept = Uint8Array.from({ length: grid * grid }, () => Number(stream.uniform() < probability));
  return { kept, up: stream.integer(Math.ceil(height / grid)), left: stream.integer(Math.ceil(width / grid)) };
}

/**
 * The mask of an image, in [0, 1], row-major: the cells enlarged to `grid` + 1 times as many pixels as a cell of the image has, linearly, then
 * shifted. Beyond the outer cells' middles they are mirrored, as scikit-image does.
 */
export function maskOf({ kept, up, left }: Cells, { height, width }: Size): Float32Array {
  const grid = Math.sqrt(kept.length);
  const rows = placesOf(grid, height, up);
  const columns = placesOf(grid, width, left);
  const lines = Array.from({ length: grid }, (_, row) =>
    Float64Array.from(columns, ({ before, after, part }) => {
      return (1 - part) * kept[row * grid + before]! + part * kept[row * grid + after]!;
    }),
  );
  const mask = new Float32Array(height * width);
  for (const [y, { before, after, part }] of rows.entries()) {
    const [above, below] = [lines[before]!, lines[after]!];
    for (let x = 0; x < width; x++) mask[y * width + x] = (1 - part) * above[x]! + part * below[x]!;
  }
  return mask;
}

/** Between which cells the pixels of one side lie, and how far from the first to the second. */
function placesOf(grid: number, length: number, shift: number) {
  const enlarged = (grid + 1) * Math.ceil(length / grid);
  const mirrored = (cell: number) =>
    cell < 0 ? Math.min(-cell, grid - 1) : cell < grid ? cell : Math.max(0, 2 * grid - 2 - cell);
  return Array.from({ length }, (_, pixel) => {
    const at = ((pixel + shift + 0.5) * grid) / enlarged - 0.5;
    const cell = Math.floor(at);
    return { before: mirrored(cell), after: mirrored(cell + 1), part: at - cell };
  });
}
