import { createFrom, plainServices } from '@espalier/core';
import { describeDataset, describeLabels } from '@espalier/core/testing';
import { expect, test } from 'vitest';
import { drawStripes, myPlugin } from '../src/my-plugin.ts';

describeDataset('my-plugin', () => createFrom(myPlugin, { size: 8, perClass: 5 }, plainServices()));

// Each option is changed in turn: what changes a result must stand in the label beside it.
describeLabels(myPlugin, { bases: [{ size: 8, perClass: 5 }] });

test('worked by hand: two columns are light and two are dark', () => {
  const rows = drawStripes(4, true, { uniform: () => 0 });
  expect([...rows.subarray(0, 12)]).toEqual([128, 128, 128, 128, 128, 128, 0, 0, 0, 0, 0, 0]);
});

test('the plan knows the counts that a run finds', async () => {
  const options = { size: 8, perClass: 5, seed: 0 };
  const dataset = await createFrom(myPlugin, options, plainServices());
  const { mostPerClass } = myPlugin.dataOutline!(options, { folder: '.' })!;
  for (const part of ['train', 'tune', 'val'] as const)
    expect(mostPerClass![part].map((count) => 2 * count)[0]).toBe(dataset.split(part).ids.length);
});
