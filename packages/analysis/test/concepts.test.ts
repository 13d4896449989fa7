import { type ConceptBank, ndArray } from '@espalier/core';
import { expect, test } from 'vitest';
import { rankedConcepts } from '../src/results/concepts.ts';

test('images that share a design share its error: more of them do not lower it', () => {
  const bank: ConceptBank = {
    classIndex: 0,
    layer: 'layer4',
    ids: ['a', 'b', 'c', 'd'],
    crops: [],
    dictionary: ndArray('r d', [1, 1]),
    codes: ndArray('p r', [0, 1]),
    maps: ndArray('n h w r', [4, 1, 1, 1]),
    importance: ndArray('n r', [4, 1], Float32Array.of(0.5, 0.5, 0.5, 0.5)),
    importanceError: ndArray('n r', [4, 1], Float32Array.of(0.25, 0.5, 0.25, 0.5)),
    reconstructionError: 0,
    factorisation: { iterations: 1, stop: 'converged' },
    children: [],
  };
  expect(rankedConcepts(bank)[0]!.designError).toBe(0.375);
});
