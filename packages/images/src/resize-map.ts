/** Rows and columns of a map. */
export interface MapSize {
  readonly height: number;
  readonly width: number;
}

/**
 * A row-major map at another size. `bilinear`: between the centres of places (half-pixel centres), edges repeated, no smoothing where it shrinks
 * (`torch.nn.functional.interpolate` with `align_corners=False`, `cv2.INTER_LINEAR`). `nearest`: the place that a pixel's corner lies in
 * (`mode="nearest"` of `interpolate`).
 */
export function resizeMap(
  values: ArrayLike<number>,
  from: MapSize,
  to: MapSize,
  by: 'bilinear' | 'nearest' = 'bilinear',
): Float32Array {
  const at = (y: number, x: number) => values[y * from.width + x]!;
  const down = samples(to.height, from.height, by);
  const across = samples(to.width, from.width, by);
  return Float32Array.from({ length: to.height * to.width }, (_, i) => {
    const [y, x] = [down[Math.floor(i / to.width)]!, across[i % to.width]!];
    const upper = at(y.low, x.low) * (1 - x.share) + at(y.low, x.high) * x.share;
    const lower = at(y.high, x.low) * (1 - x.share) + at(y.high, x.high) * x.share;
    return upper * (1 - y.share) + lower * y.share;
  });
}

/** Between which two of `size` places each of `length` pixels falls, and how near it is to the second. */
function samples(
  length: number,
  size: number,
  by: 'bilinear' | 'nearest',
): readonly { low: number; high: number; share: number }[] {
  return Array.from({ length }, (_, i) => {
    if (by === 'nearest') {
      const low = Math.floor((i * size) / length);
      return { low, high: low, share: 0 };
    }
    const position = Math.min(size - 1, Math.max(0, ((i + 0.5) * size) / length - 0.5));
    const low = Math.floor(position);
    return { low, high: Math.min(low + 1, size - 1), share: position - low };
  });
}
