import { createFrom, ndArray, plainServices } from '@espalier/core';
import { describeExplainer, describeLabels } from '@espalier/core/testing';
import { expect, test } from 'vitest';
import { myPlugin, product } from '../src/my-plugin.ts';

describeExplainer('my-plugin', (services) => createFrom(myPlugin, {}, services));

// Each option is changed in turn: what changes a result must stand in the label beside it.
describeLabels(myPlugin);

test('worked by hand: a product, value by value', () => {
  const array = (...values: readonly number[]) => ndArray('n h w c', [1, 1, 1, 3], Float32Array.from(values));
  expect(product(array(1, -2, 3), array(4, 5, 0))).toEqual(array(4, -10, 0));
});

test('a misspelt option is refused, not defaulted', async () => {
  await expect(createFrom(myPlugin, { tmes: 'input' }, plainServices())).rejects.toThrow(/Unrecognized key: "tmes"/);
});
