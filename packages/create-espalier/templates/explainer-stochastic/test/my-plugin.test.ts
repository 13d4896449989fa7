import { createFrom, ndArray, plainServices } from '@espalier/core';
import { describeExplainer, describeLabels } from '@espalier/core/testing';
import { expect, test } from 'vitest';
import { myPlugin, withNoise } from '../src/my-plugin.ts';

// The services that the laws give are handed on: they come from several arms of a study.
describeExplainer('my-plugin', (services) => createFrom(myPlugin, {}, services));

// Each option is changed in turn: what changes a result must stand in the label beside it.
describeLabels(myPlugin);

test('worked by hand: each image gets the noise of its own stream', () => {
  const images = ndArray('n h w c', [2, 1, 1, 2], Float32Array.of(1, 2, 3, 4));
  const streams = [2, -4].map((value) => ({ normal: () => value }));
  expect([...withNoise(images, 0.5, streams).data]).toEqual([2, 3, 1, 2]);
});

test('a misspelt option is refused, not defaulted', async () => {
  await expect(createFrom(myPlugin, { drws: 3 }, plainServices())).rejects.toThrow(/Unrecognized key: "drws"/);
});
