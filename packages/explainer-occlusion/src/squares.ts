import type { InputSpec } from '@espalier/core';

/** How squares are laid over an image. */
export interface Squares {
  /** Side, of the shorter side of the image. */
  readonly window: number;
  /** From one square to the next, of the side. */
  readonly stride: number;
}

/** Rows from `top` to before `bottom`, columns from `left` to before `right`. */
export interface Square {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

type Size = Pick<InputSpec, 'height' | 'width'>;

/** Squares that cover every pixel of an image, from the top left, row by row; the border cuts those that stand over it. */
export function squaresOver({ height, width }: Size, { window, stride }: Squares): readonly Square[] {
  const side = Math.max(1, Math.round(window * Math.min(height, width)));
  const step = Math.max(1, Math.round(stride * side));
  const starts = (length: number) =>
    Array.from({ length: Math.ceil((length - side) / step) + 1 }, (_, place) => place * step);
  const end = (start: number, length: number) => Math.min(start + side, length);
  return starts(height).flatMap((top) =>
    starts(width).map((left) => ({ top, left, bottom: end(top, height), right: end(left, width) })),
  );
}

/** `image` with `baseline` in a square; both row-major `h w c`. */
export function occluded(
  image: Float32Array,
  baseline: Float32Array,
  { top, left, bottom, right }: Square,
  { width, channels }: Pick<InputSpec, 'width' | 'channels'>,
): Float32Array {
  const changed = image.slice();
  for (let y = top; y < bottom; y++) {
    const [from, to] = [(y * width + left) * channels, (y * width + right) * channels];
    changed.set(baseline.subarray(from, to), from);
  }
  return changed;
}

/** For each pixel the mean of the values of the squares that hold it, row-major. */
export function meanOver(squares: readonly Square[], values: ArrayLike<number>, { height, width }: Size): Float64Array {
  const [sums, counts] = [new Float64Array(height * width), new Float64Array(height * width)];
  for (const [i, { top, left, bottom, right }] of squares.entries())
    for (let y = top; y < bottom; y++)
      for (let pixel = y * width + left; pixel < y * width + right; pixel++) {
        sums[pixel]! += values[i]!;
        counts[pixel]!++;
      }
  return sums.map((sum, pixel) => sum / counts[pixel]!);
}
