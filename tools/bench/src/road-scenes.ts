import { type NdArray, ndArray, randomStream } from '@espalier/core';
import { removalOrder } from '@espalier/metrics';

/** An attribution map to remove pixels by, as an order of removal. */
export interface RoadScene {
  readonly name: string;
  readonly order: Uint32Array;
}

/** A smooth image with some grain: values in [0, 1], the same every time. */
export function benchImage(size: number): NdArray<'h w c'> {
  const stream = randomStream(0, 'road-bench-image');
  const image = ndArray('h w c', [size, size, 3]);
  for (let i = 0; i < image.data.length; i++) {
    const [y, x, c] = [Math.floor(i / 3 / size) / size, (Math.floor(i / 3) % size) / size, i % 3];
    image.data[i] = 0.5 + 0.3 * Math.sin(7 * x + 4 * y + c) * Math.cos(5 * y - 3 * x) + 0.1 * (stream.uniform() - 0.5);
  }
  return image;
}

/** Holes as scattered as they can be, as a gradient makes them, and in one piece. */
export function roadScenes(size: number): readonly RoadScene[] {
  const stream = randomStream(0, 'road-bench-map');
  const distance = (i: number) => Math.hypot(Math.floor(i / size) - size / 2, (i % size) - size / 2) / size;
  const map = (value: (i: number) => number) =>
    removalOrder(Float32Array.from({ length: size * size }, (_, i) => value(i)));
  return [
    { name: 'scattered', order: map(() => stream.uniform()) },
    { name: 'gradient', order: map((i) => Math.abs(stream.normal()) * Math.exp(-((distance(i) / 0.3) ** 2))) },
    { name: 'one-piece', order: map((i) => -distance(i)) },
  ];
}
