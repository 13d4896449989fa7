import { createHash } from 'node:crypto';
import { type NdArray, ndArray, takeRows } from '../../array.ts';
import type { ConceptImages } from '../../concept-extractor.ts';
import type { Split } from '../../dataset.ts';
import type { PruneContext } from '../../pruner.ts';
import { type RandomStream, randomStream } from '../../random/random.ts';

/** A split held in memory: `count` seeded noise images with labels 0, 1, 2, 0, 1, 2, … */
export function toySplit(count = 6, { height = 8, width = 8, classes = 3, seed = 0 } = {}): Split {
  return splitOf(
    uniformArray('n h w c', [count, height, width, 3], randomStream(seed, 'toy-split')),
    Array.from({ length: count }, (_, i) => i % classes),
    Array.from({ length: classes }, (_, i) => `class ${i}`),
  );
}

/** What a study gives a pruner of `toySplit(6)`: for pruners that need images. */
export async function toySample(): ReturnType<NonNullable<PruneContext['sample']>> {
  const { images, labels, ids } = toySplit();
  return { images: await images([...ids.keys()]), labels };
}

/** What a study gives an extractor of concepts that it has examples of: two concepts, and images to tell them from. */
export function toyExamples(): Required<Pick<ConceptImages, 'examples' | 'counterparts'>> {
  return { examples: toySplit(20, { classes: 2, seed: 1 }), counterparts: toySplit(24, { classes: 1, seed: 2 }) };
}

/** Numbers drawn from [0, 1), in the order of the array. */
export function uniformArray<const Axes extends string>(
  axes: Axes,
  shape: readonly number[],
  stream: RandomStream,
): NdArray<Axes> {
  const array = ndArray(axes, shape);
  return { ...array, data: array.data.map(() => stream.uniform()) };
}

/** A split of given images (`n h w c`, in [0, 1]) and labels; ids are `toy/0`, `toy/1`, … */
export function splitOf(images: NdArray<'n h w c'>, labels: readonly number[], classes: readonly string[]): Split {
  const [, height, width] = images.shape as [number, number, number, number]; // 'n h w c' has four sizes
  return {
    name: 'toy',
    ids: labels.map((_, i) => `toy/${i}`),
    labels,
    classes,
    height,
    width,
    normalisation: { mean: [0, 0, 0], std: [1, 1, 1] },
    digest: createHash('sha256')
      .update(JSON.stringify([images.shape, labels, classes]))
      .update(new Uint8Array(images.data.slice().buffer))
      .digest('hex'),
    images: async (indices) => takeRows(images, indices),
    pixels: async (indices) =>
      indices.map((index) => ({
        height,
        width,
        data: Uint8Array.from(takeRows(images, [index]).data, (value) => Math.round(255 * value)),
      })),
  };
}
