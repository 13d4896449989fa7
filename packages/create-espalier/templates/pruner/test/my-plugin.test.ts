import { createFrom, plainServices } from '@espalier/core';
import { describeLabels, describePruner } from '@espalier/core/testing';
import { expect, test } from 'vitest';
import { keepHighest, myPlugin } from '../src/my-plugin.ts';

describePruner('my-plugin', (sparsity) => createFrom(myPlugin, { sparsity }, plainServices()));

// Each option is changed in turn: what changes a result must stand in the label beside it.
describeLabels(myPlugin, { bases: [{ sparsity: 0.5 }] });

test('worked by hand: the lowest go first, of equals the first, and removed values stay removed', () => {
  const values = Float32Array.of(0.5, -2, 0.5, 3);
  expect([...keepHighest(values, undefined, 1)]).toEqual([0, 1, 1, 1]);
  expect([...keepHighest(values, Uint8Array.of(1, 1, 1, 0), 2)]).toEqual([0, 1, 1, 0]);
});

test('a misspelt option is refused, not defaulted', async () => {
  await expect(createFrom(myPlugin, { spasity: 0.9 }, plainServices())).rejects.toThrow(/Unrecognized key: "spasity"/);
});
