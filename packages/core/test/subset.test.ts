import { balancedSubset, holdOut, type Split, subset } from '@espalier/core';
import { toySplit } from '@espalier/core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const countsOf = ({ labels, classes }: Split) =>
  classes.map((_, label) => labels.filter((found) => found === label).length);

test('a subset maps ids, labels, images, pixels and truth to the same places', async () => {
  const split: Split = {
    ...toySplit(6),
    truth: async (index) => [{ name: `region ${index}`, mask: new Uint8Array(64) }],
  };
  const part = subset(split, 'part', [5, 2]);
  expect(part.ids).toEqual(['toy/5', 'toy/2']);
  expect(part.labels).toEqual([2, 2]);
  expect(await part.images([1, 0])).toEqual(await split.images([2, 5]));
  expect(await part.pixels([1])).toEqual(await split.pixels([2]));
  expect((await part.truth!(0))[0]!.name).toBe('region 5');
  expect(subset(toySplit(6), 'part', [5]).truth).toBeUndefined();
});

test('the digest of a subset depends on its images and their order, not on its name', () => {
  const digests = [[0, 1], [1, 0], [0]].map((indices) => subset(toySplit(4), 'a', indices).digest);
  expect(new Set(digests).size).toBe(3);
  expect(subset(toySplit(4), 'b', [0, 1]).digest).toBe(digests[0]);
});

test('a balanced subset has the same count of every class, in the order of the split', () => {
  const part = balancedSubset(toySplit(30), 4, 7);
  expect(part.name).toBe('eval');
  expect(countsOf(part)).toEqual([4, 4, 4]);
  const places = part.ids.map((id) => Number(id.slice(4)));
  expect(places).toEqual([...places].sort((a, b) => a - b));
});

test('a larger balanced subset keeps the images of a smaller one', () => {
  const split = toySplit(45);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 15 }), fc.nat(), (a, b, seed) => {
      const [small, large] = [Math.min(a, b), Math.max(a, b)].map((count) => balancedSubset(split, count, seed).ids);
      return small!.every((id) => large!.includes(id));
    }),
    { seed: 1, numRuns: 30 },
  );
});

test('another seed takes other images', () => {
  expect(balancedSubset(toySplit(60), 5, 0).ids).not.toEqual(balancedSubset(toySplit(60), 5, 1).ids);
});

test('asking for more images than a class has is refused', () => {
  const split = subset(toySplit(9), 'val', [0, 1, 2, 3, 4, 6, 7]);
  expect(() => balancedSubset(split, 2, 0)).toThrowErrorMatchingInlineSnapshot(
    `[StudyError: A balanced part of the split "val" needs 2 images per class; "class 2" has 1. Ask for at most 1 per class.]`,
  );
});

test('holding out parts every class by the fraction, and loses and doubles nothing', () => {
  const split = toySplit(62);
  const { train, tune } = holdOut(split, 0.25, 3);
  expect(countsOf(tune)).toEqual([5, 5, 5]); // 21, 21 and 20 images: 5.25, 5.25 and 5 rounded
  expect([...train.ids, ...tune.ids].sort()).toEqual([...split.ids].sort());
  expect([train.name, tune.name]).toEqual(['train', 'tune']);
});

test('holding out nothing leaves an empty tuning part', () => {
  const { train, tune } = holdOut(toySplit(9), 0, 0);
  expect(tune.ids).toEqual([]);
  expect(train.ids).toEqual(toySplit(9).ids);
});

test('an image more moves no other image to the other part', () => {
  const split = toySplit(60);
  const fewer = subset(split, 'fewer', [...Array(59).keys()]);
  const [a, b] = [holdOut(split, 0.5, 0).tune.ids, holdOut(fewer, 0.5, 0).tune.ids];
  expect(a.filter((id) => !b.includes(id)).length).toBeLessThanOrEqual(1);
});
