import { describe, expect, test } from 'vitest';
import type { Dataset, Split } from '../dataset.ts';
import { checkDataset, checkImages, checkPixels, checkRegions, checkSplit } from '../promises/splits.ts';

/** Builds the dataset under test, anew at every call. */
export type DatasetFor = () => Dataset | Promise<Dataset>;

const parts = ['train', 'tune', 'val'] as const;

/** At most seven images of a split, first and last among them: enough to see a mistake, few enough to decode. */
function sampleOf({ ids }: Split): readonly number[] {
  const step = Math.max(1, Math.floor((ids.length - 1) / 6));
  return [...new Set([...Array.from({ length: 6 }, (_, i) => i * step), ids.length - 1])].filter(
    (index) => index < ids.length,
  );
}

function idsOf({ ids }: Split, indices: readonly number[]): readonly string[] {
  return indices.map((index) => ids[index]!);
}

// expect's own comparison of large arrays takes seconds.
function areSame(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

async function eachPart(datasetFor: DatasetFor, check: (split: Split, dataset: Dataset) => unknown): Promise<void> {
  const dataset = await datasetFor();
  checkDataset(dataset, 'the dataset');
  for (const part of parts) await check(dataset.split(part), dataset);
}

/** What every dataset promises. Each law throws when the promise is broken. */
export const datasetLaws: Readonly<Record<string, (datasetFor: DatasetFor) => Promise<void>>> = {
  'gives every image one id of its own and one known label': (datasetFor) =>
    eachPart(datasetFor, (split, { classes }) => checkSplit(split, 'the dataset', classes)),

  async 'puts no image into two parts'(datasetFor) {
    const dataset = await datasetFor();
    const ids = parts.flatMap((part) => dataset.split(part).ids);
    expect(new Set(ids).size).toBe(ids.length);
  },

  async 'trains and evaluates on every class'(datasetFor) {
    const dataset = await datasetFor();
    for (const part of ['train', 'val'] as const) {
      expect(new Set(dataset.split(part).labels).size, part).toBe(dataset.classes.length);
    }
  },

  'gives evaluated images of the stated size, in [0, 1]': (datasetFor) =>
    eachPart(datasetFor, async (split) => {
      const indices = sampleOf(split);
      checkImages(await split.images(indices), 'the dataset', split, idsOf(split, indices));
    }),

  'gives pixels to crop from, at least as large as evaluated images': (datasetFor) =>
    eachPart(datasetFor, async (split) => {
      const indices = sampleOf(split);
      checkPixels(await split.pixels(indices), 'the dataset', split, idsOf(split, indices));
    }),

  'gives an image the same pixels whatever is asked beside it': (datasetFor) =>
    eachPart(datasetFor, async (split) => {
      const indices = sampleOf(split);
      const together = await split.images([...indices].reverse());
      const size = together.data.length / Math.max(1, indices.length);
      for (const [i, index] of [...indices].reverse().entries()) {
        const alone = await split.images([index]);
        expect(areSame(alone.data, together.data.subarray(i * size, (i + 1) * size)), split.ids[index]).toBe(true);
      }
    }),

  async 'is the same dataset when built again'(datasetFor) {
    const [first, second] = [await datasetFor(), await datasetFor()];
    for (const part of parts) {
      const [a, b] = [first.split(part), second.split(part)];
      expect(b.digest).toBe(a.digest);
      expect(b.ids).toEqual(a.ids);
      expect(b.labels).toEqual(a.labels);
      const [imagesA, imagesB] = [await a.images(sampleOf(a)), await b.images(sampleOf(b))];
      expect(areSame(imagesB.data, imagesA.data), `images of ${part}`).toBe(true);
      const pixelsA = await a.pixels(sampleOf(a));
      for (const [i, image] of (await b.pixels(sampleOf(b))).entries()) {
        expect(areSame(image.data, pixelsA[i]!.data), `pixels of ${part}`).toBe(true);
      }
    }
  },

  async 'gives different parts different digests'(datasetFor) {
    const dataset = await datasetFor();
    expect(new Set(parts.map((part) => dataset.split(part).digest)).size).toBe(parts.length);
  },

  'normalises with three means and three positive deviations': (datasetFor) =>
    eachPart(datasetFor, (split, { classes }) => checkSplit(split, 'the dataset', classes)),

  'marks truth as bytes 0 and 1, one per evaluated pixel': (datasetFor) =>
    eachPart(datasetFor, async (split) => {
      for (const index of split.truth ? sampleOf(split) : [])
        checkRegions(await split.truth!(index), 'the dataset', split, split.ids[index]!);
    }),
};

/** Registers the laws as tests of the dataset `name`. */
export function describeDataset(name: string, datasetFor: DatasetFor): void {
  describe(`${name} keeps the dataset laws`, () => {
    for (const [law, check] of Object.entries(datasetLaws)) test(law, () => check(datasetFor));
  });
}
