import { createFrom, plainServices } from '@espalier/core';
import { describeConcepts, describeLabels, toyTokens } from '@espalier/core/testing';
import { expect, test } from 'vitest';
import { myPlugin, strongest } from '../src/my-plugin.ts';

describeConcepts('my-plugin', () => createFrom(myPlugin, { concepts: 5 }, plainServices()));

// A layer of tokens has places that lie nowhere on the image.
describeConcepts('my-plugin of tokens', () => createFrom(myPlugin, { concepts: 5 }, plainServices()), toyTokens);

// Each option is changed in turn: what changes a result must stand in the label beside it.
describeLabels(myPlugin, { bases: [{ concepts: 2 }], values: { concepts: [3], layer: ['features'] } });

test('worked by hand: the strongest features, of equals the first', () => {
  expect(strongest(Float64Array.of(3, 5, 3, 4), 3)).toEqual([1, 3, 0]);
});
