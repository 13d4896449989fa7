import { createFrom, ndArray, plainServices } from '@espalier/core';
import { describeLabels, describeMetric } from '@espalier/core/testing';
import { expect, test } from 'vitest';
import { middleShares, myPlugin } from '../src/my-plugin.ts';

describeMetric('my-plugin', () => createFrom(myPlugin, {}, plainServices()));

// Each option is changed in turn: what changes a result must stand in the label beside it.
describeLabels(myPlugin);

test('worked by hand: a quarter of the pixels lies in the middle, and a map of zeros has no middle', () => {
  const maps = ndArray('n h w', [2, 4, 4], new Float32Array(32).fill(-3, 0, 16));
  expect(middleShares(maps, 0.5)).toEqual([0.25, undefined]);
});
