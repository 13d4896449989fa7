import { type Dataset, holdOut, type NdArray, type Split, subset } from '@espalier/core';
import { type DatasetFor, datasetLaws, describeDataset, toySplit } from '@espalier/core/testing';
import { expect, test } from 'vitest';

let calls = 0;

const all = (): Split => ({
  ...toySplit(24),
  truth: async () => [{ name: 'object', mask: new Uint8Array(64).fill(1, 9, 20) }],
});

/** A right dataset, or one whose split named `part` is changed by `change`. */
function toyDataset(change: (split: Split) => Partial<Split> = () => ({}), part = 'val'): Dataset {
  const { train, tune } = holdOut(subset(all(), 'train', [...Array(18).keys()]), 0.34, 0);
  const splits = { train, tune, val: subset(all(), 'val', [18, 19, 20, 21, 22, 23]) };
  return {
    classes: splits.val.classes,
    split: (name) => (name === part ? { ...splits[name], ...change(splits[name]) } : splits[name]),
  };
}

const withImages = (change: (images: NdArray<'n h w c'>, indices: readonly number[]) => NdArray<'n h w c'>) => () =>
  toyDataset((split) => ({ images: async (indices) => change(await split.images(indices), indices) }));

// Each law must catch the mistake it exists for.
const broken: Record<keyof typeof datasetLaws, DatasetFor> = {
  'gives every image one id of its own and one known label': () =>
    toyDataset(({ ids }) => ({ ids: ids.map(() => 'x') })),
  'puts no image into two parts': () => toyDataset(() => ({ ids: toyDataset().split('train').ids.slice(0, 6) })),
  'trains and evaluates on every class': () => toyDataset(({ labels }) => ({ labels: labels.map(() => 0) })),
  'gives evaluated images of the stated size, in [0, 1]': withImages((images) => ({
    ...images,
    data: images.data.map((value) => 255 * value),
  })),
  'gives pixels to crop from, at least as large as evaluated images': () =>
    toyDataset((split) => ({
      pixels: async (indices) =>
        (await split.pixels(indices)).map(({ data }) => ({ data: data.slice(3 * 8), height: 7, width: 8 })),
    })),
  'gives an image the same pixels whatever is asked beside it': withImages((images) => ({
    ...images,
    data: images.data.map((value) => value / images.shape[0]!), // normalised over the batch
  })),
  'is the same dataset when built again': () => toyDataset(() => ({ digest: `${calls++}` })),
  'gives different parts different digests': () => toyDataset(() => ({ digest: toyDataset().split('tune').digest })),
  'normalises with three means and three positive deviations': () =>
    toyDataset(() => ({ normalisation: { mean: [0, 0, 0], std: [1, 0, 1] } })),
  'marks truth as bytes 0 and 1, one per evaluated pixel': () =>
    toyDataset(() => ({ truth: async () => [{ name: 'object', mask: new Uint8Array(64).fill(255) }] })),
};

describeDataset('a right dataset', () => toyDataset());

test.each(Object.entries(broken))('"%s" catches a dataset that breaks it', async (law, datasetFor) => {
  await expect(datasetLaws[law]!(datasetFor)).rejects.toThrow();
});

test('every law has its broken dataset', () => {
  expect(Object.keys(broken)).toEqual(Object.keys(datasetLaws));
});
