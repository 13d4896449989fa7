import { type Batch, type BatchSource, type Split, StudyError, subset } from '@espalier/core';
import { toySplit } from '@espalier/core/testing';
import { trainingBatches } from '@espalier/images';
import { expect, test } from 'vitest';

const crop = { scale: [0.35, 1], ratio: [3 / 4, 4 / 3] } as const;

async function batchesOf(source: BatchSource, epoch = 0): Promise<readonly Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of source.epoch(epoch)) batches.push(batch);
  return batches;
}

/** The rows of all batches, by what they show: here every image of the toy split differs. */
const rowsOf = (batches: readonly Batch[]) =>
  batches.flatMap(({ images }) => {
    const size = images.data.length / images.shape[0]!;
    return Array.from({ length: images.shape[0]! }, (_, i) => images.data.slice(i * size, (i + 1) * size).join());
  });

test('an epoch shows every image once, in batches, the last one smaller', async () => {
  const split = toySplit(11);
  const source = trainingBatches(split, { batchSize: 4, crop: null, flip: false }, 5);
  const batches = await batchesOf(source);
  expect(batches.map(({ labels }) => labels.length)).toEqual([4, 4, 3]);
  expect([source.imagesPerEpoch, source.batchesPerEpoch]).toEqual([11, 3]);
  const { data } = await split.images([...split.ids.keys()]);
  const plain = Array.from({ length: 11 }, (_, i) => data.slice(i * 192, (i + 1) * 192).join());
  expect([...rowsOf(batches)].sort()).toEqual(plain.sort());
});

test('labels stay with their images', async () => {
  const split = toySplit(9);
  const { data } = await split.images([...split.ids.keys()]);
  const labelOf = new Map(split.labels.map((label, i) => [data.slice(i * 192, (i + 1) * 192).join(), label]));
  const batches = await batchesOf(trainingBatches(split, { batchSize: 4, crop: null, flip: false }, 0));
  expect(rowsOf(batches).map((row) => labelOf.get(row))).toEqual(batches.flatMap(({ labels }) => labels));
});

test('a last batch of one image is left out, another image in another epoch', async () => {
  const split = toySplit(9);
  const source = trainingBatches(split, { batchSize: 4, crop: null, flip: false }, 0);
  expect([source.imagesPerEpoch, source.batchesPerEpoch]).toEqual([8, 2]);
  const epochs = await Promise.all([0, 1, 2, 3].map((epoch) => batchesOf(source, epoch)));
  const shown = epochs.map((batches) => [...rowsOf(batches)].sort().join('|'));
  expect(epochs.every((batches) => batches.length === 2)).toBe(true);
  expect(new Set(shown).size).toBeGreaterThan(1);
});

test('batches of one are kept when they are asked for', async () => {
  const batches = await batchesOf(trainingBatches(toySplit(3), { batchSize: 1, crop: null, flip: false }, 0));
  expect(batches.map(({ labels }) => labels.length)).toEqual([1, 1, 1]);
});

test('the same seed and epoch give the same batches; another of either does not', async () => {
  const make = (seed: number, epoch: number) =>
    batchesOf(trainingBatches(toySplit(12), { batchSize: 5, crop, flip: true }, seed), epoch);
  expect(await make(1, 2)).toEqual(await make(1, 2));
  expect(await make(1, 2)).not.toEqual(await make(1, 3));
  expect(await make(1, 2)).not.toEqual(await make(2, 2));
});

test('what is done to an image depends on its id, not on its batch mates', async () => {
  const split = toySplit(24);
  const some = subset(split, 'some', [3, 7, 11, 2, 20, 5]);
  const rows = async (part: Split, batchSize: number) =>
    rowsOf(await batchesOf(trainingBatches(part, { batchSize, crop, flip: true }, 4), 1));
  const all = new Set(await rows(split, 24));
  for (const row of await rows(some, 2)) expect(all.has(row)).toBe(true);
});

test('flipping alone mirrors about half of the images and changes nothing else', async () => {
  const split = toySplit(200, { height: 1, width: 2 });
  const { data } = await split.images([...split.ids.keys()]);
  const plain = new Set(Array.from({ length: 200 }, (_, i) => data.slice(i * 6, i * 6 + 6).join()));
  const mirrored = new Set(
    Array.from({ length: 200 }, (_, i) =>
      [...data.slice(i * 6 + 3, i * 6 + 6), ...data.slice(i * 6, i * 6 + 3)].join(),
    ),
  );
  const rows = rowsOf(await batchesOf(trainingBatches(split, { batchSize: 32, crop: null, flip: true }, 0)));
  expect(rows.every((row) => plain.has(row) || mirrored.has(row))).toBe(true);
  const share = rows.filter((row) => mirrored.has(row)).length / 200;
  expect(share).toBeGreaterThan(0.35); // 4 standard errors of 0.035 around a half
  expect(share).toBeLessThan(0.65);
});

test('batches are prepared ahead while the caller computes, but only a few', async () => {
  const split = toySplit(40);
  let asked = 0;
  const images: Split['images'] = (indices) => {
    asked++;
    return split.images(indices);
  };
  const epoch = trainingBatches({ ...split, images }, { batchSize: 4, crop: null, flip: false }, 0)
    .epoch(0)
    [Symbol.asyncIterator]();
  await epoch.next();
  expect(asked).toBe(4);
  await epoch.return?.();
  expect(asked).toBe(4);
});

test('a failure reaches the caller at the batch that it belongs to', async () => {
  const split = toySplit(12);
  const failing: Split = {
    ...split,
    images: async (indices) => {
      if (indices.includes(7)) throw new StudyError('core/data-corrupt', 'image 7 is broken');
      return split.images(indices);
    },
  };
  const run = batchesOf(trainingBatches(failing, { batchSize: 3, crop: null, flip: false }, 0));
  await expect(run).rejects.toThrow('image 7 is broken');
});

test('training without two images is refused', () => {
  const one = subset(toySplit(3), 'train', [0]);
  expect(() => trainingBatches(one, { batchSize: 8, crop, flip: true }, 0)).toThrowErrorMatchingInlineSnapshot(
    `[StudyError: Training needs at least two images; the split "train" has 1. Give it more images.]`,
  );
});
