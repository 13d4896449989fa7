import { createFrom, plainServices } from '@espalier/core';
import { describeLabels, describeReporter } from '@espalier/core/testing';
import { expect, test } from 'vitest';
import { meanOf, myPlugin } from '../src/my-plugin.ts';

describeReporter('my-plugin', () => createFrom(myPlugin, {}, plainServices()));

// Each option is changed in turn: what changes a result must stand in the label beside it.
describeLabels(myPlugin);

test('worked by hand: a mean, and nothing of nothing', () => {
  expect([meanOf([1, 2], 2), meanOf([], 2)]).toEqual(['1.50', '']);
});
