import type { Model, RandomStream } from '@espalier/core';

/** Copies of an image that differ from it a little. */
export interface Copies {
  /** Of `radius`, the largest change of any value. */
  readonly unit: 'pixel' | 'normalised';
  readonly radius: number;
  readonly samples: number;
  readonly imagesPerCall: number;
}

/**
 * How far the map of each copy is from the map of the image, of the length of that; null where that has none.
 *
 * @param explain the maps of images, both row-major `h w c`
 * @param stream that copies are drawn from, one after the other
 */
export async function movesOf(
  image: Float32Array,
  explain: (batch: readonly Float32Array[]) => Promise<readonly Float32Array[]>,
  { input: { std, channels } }: Model,
  { unit, radius, samples, imagesPerCall }: Copies,
  stream: Pick<RandomStream, 'uniform'>,
): Promise<readonly number[] | null> {
  const [own] = await explain([image]);
  const length = norm(own!);
  if (length === 0) return null;
  const reach = std.map((deviation) => radius * (unit === 'normalised' ? deviation : 1));
  const copy = () => image.map((value, i) => value + reach[i % channels]! * (2 * stream.uniform() - 1));
  const moves: number[] = [];
  for (let start = 0; start < samples; start += imagesPerCall) {
    const count = Math.min(imagesPerCall, samples - start);
    const maps = await explain(Array.from({ length: count }, copy));
    moves.push(...maps.map((map) => norm(map, own) / length));
  }
  return moves;
}

/** Of `values`, or of their distance from others. */
function norm(values: Float32Array, from?: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value, i) => sum + (value - (from?.[i] ?? 0)) ** 2, 0));
}
