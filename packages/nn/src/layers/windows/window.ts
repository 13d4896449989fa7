import type { Shape } from '../shape.ts';

/** A window that moves over rows and columns; pairs are [vertical, horizontal]. */
export interface LayerWindow {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Places added on each side: top, bottom, left, right. */
  readonly padding: readonly [number, number, number, number];
}

/** Rows and columns of what a window gives over `[height, width, ...]`: PyTorch's formula. */
export function windowedSize(
  [height, width]: Shape,
  { kernel, stride, padding }: LayerWindow,
  dilation: readonly [number, number] = [1, 1],
): readonly [number, number] {
  const [top, bottom, left, right] = padding;
  const side = (length: number, axis: 0 | 1) =>
    Math.floor((length - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis]) + 1;
  return [side(height! + top + bottom, 0), side(width! + left + right, 1)];
}
