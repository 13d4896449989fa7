import type { Ops, PoolWindow, Tensor } from '../../../src/ops.ts';
import { pooledShape } from '../../../src/shapes/window-shapes.ts';
import { type Four, of, type Results } from './slow-tensors.ts';

/** Largest and mean values over space. The gradient of a maximum goes to the first of equal ones. */
export function pooling({
  make,
}: Results): Pick<Ops, 'maxPool' | 'maxPoolGradient' | 'spatialMean' | 'spatialMeanGradient'> {
  return {
    maxPool(x, window) {
      const y = make(pooledShape(x.shape, window));
      for (const [o, places] of windows(x, y.shape, window)) y.values[o] = Math.max(...places.map((i) => of(x)[i]!));
      return y;
    },
    maxPoolGradient(dy, x, _, window) {
      const dx = make(x.shape);
      for (const [o, places] of windows(x, dy.shape, window)) {
        const largest = Math.max(...places.map((i) => of(x)[i]!));
        dx.values[places.find((i) => of(x)[i] === largest)!]! += of(dy)[o]!;
      }
      return dx;
    },

    spatialMean(x) {
      const [n, h, w, c] = x.shape as Four;
      const y = make([n, c]);
      of(x).forEach((value, i) => {
        y.values[Math.floor(i / (h * w * c)) * c + (i % c)]! += value / (h * w);
      });
      return y;
    },
    spatialMeanGradient(dy, height, width) {
      const [n, c] = dy.shape as [number, number];
      const spread = make([n, height, width, c]);
      const { values } = spread;
      for (let i = 0; i < values.length; i++) {
        values[i] = of(dy)[Math.floor(i / (height * width * c)) * c + (i % c)]! / (height * width);
      }
      return spread;
    },
  };
}

/** For each output of a pool, the indices of the inputs in its window, row-major; the border is not among them. */
function* windows(
  x: Tensor,
  output: readonly number[],
  { height, width, stride, padding }: PoolWindow,
): Generator<[number, number[]]> {
  const [, h, w, c] = x.shape as Four;
  const [n, oh, ow] = output as Four;
  for (let o = 0; o < n * oh * ow * c; o++) {
    const [channel, column, row] = [o % c, Math.floor(o / c) % ow, Math.floor(o / c / ow) % oh];
    const image = Math.floor(o / (c * ow * oh));
    const places: number[] = [];
    for (let ky = 0; ky < height; ky++)
      for (let kx = 0; kx < width; kx++) {
        const [iy, ix] = [row * stride + ky - padding, column * stride + kx - padding];
        if (iy >= 0 && iy < h && ix >= 0 && ix < w) places.push(((image * h + iy) * w + ix) * c + channel);
      }
    yield [o, places];
  }
}
