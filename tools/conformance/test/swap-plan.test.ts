import { ndArray } from '@espalier/core';
import { toyModel } from '@espalier/core/testing';
import { expect, test } from 'vitest';
import { faultsOfMaps, faultsOfMasks } from './swapping/faults.ts';
import type { Explained } from './swapping/looking-package.ts';
import { nodeOf, refusalsOf } from './swapping/swapped-study.ts';
import { expectNoFaults, networkNames, refused, swapsOn, takenOn } from './swapping/swaps.ts';

// Every pruner x every explainer x three networks, of which `npm run test:swaps` runs all that the plan takes.
test.each(networkNames)('%s: the plan refuses what is listed with its reason, and nothing else', async (name) => {
  const swaps = swapsOn(name);
  const expected = Object.entries(refused[name]).flatMap(([use, reason]) => {
    const nodes = swaps.pruners.has(use) ? [nodeOf(use)] : [...swaps.pruners.keys()].map((each) => nodeOf(each, use));
    return nodes.map((node) => [node, [expect.stringMatching(reason)]] as const);
  });
  // A plan lists a few problems only: explainers that are refused for every pruner are asked about one by one.
  const [many, few] = [[...swaps.explainers].filter(([use]) => use in refused[name]), takenOn(name).explainers];
  const found = new Map<string, readonly string[]>();
  for (const explainers of [few, ...many.map((each) => new Map([each]))])
    for (const [node, texts] of await refusalsOf({ ...swaps, explainers })) found.set(node, texts);
  expect(found).toEqual(new Map(expected));
});

test('of ResNet-18, a diagonal runs: every pruner and every explainer once', () =>
  expectNoFaults({ ...takenOn('ResNet-18'), isDiagonal: true }));

const map = (...values: readonly number[]) => ndArray('n h w c', [1, 1, 2, 1], Float32Array.from(values));
const explained = (values: Explained['maps']['values'], more: Partial<Explained['maps']> = {}): Explained => ({
  maps: { values, reduction: 'sum', ids: ['a'], classIndex: [0], method: 'x/x', diagnostics: {}, ...more },
  logits: [3],
  atMean: [1],
});

test.each([
  ['a map of zeros', explained(map(0, 0)), ['map 0 is zero everywhere']],
  ['infinity', explained(map(1, Number.POSITIVE_INFINITY)), ['map 0 is not finite']],
  ['a map without a unit', explained(map(1, 5)), []],
  ['a map that misses what it says', explained(map(2, 1), { unit: 'logit', diagnostics: { delta: [1] } }), []],
  [
    'one that says nothing',
    explained(map(2, 1), { unit: 'logit', diagnostics: { delta: [0] } }),
    ['map 0 adds up to 3, not 2'],
  ],
  [
    'relevance that is lost',
    explained(map(2, 1), { unit: 'logit', diagnostics: { absorbed: [0.5], withheld: [0], delta: [0] } }),
    ['map 0 adds up to 3, not 2.5'],
  ],
])('faults of maps: %s', (_, found, faults) => {
  expect(faultsOfMaps(found)).toEqual(faults);
});

test('faults of masks: another level, nothing removed, weights that are not zero', async () => {
  const half = Uint8Array.from({ length: 60 }, (_, i) => i % 2);
  const masked = await toyModel().masked(new Map([['conv.weight', half]]));
  expect(await faultsOfMasks(masked, 0.5)).toEqual([]);
  expect(await faultsOfMasks(masked, 0.4)).toEqual(['30 of 60 weights are removed: another level than 0.4']);
  expect(await faultsOfMasks(toyModel(), undefined)).toEqual(['0 of 0 weights are removed']);
  const free = { ...toyModel(), masks: masked.masks };
  expect(await faultsOfMasks(free, 0.5)).toEqual(['30 weights that are removed are not zero']);
});
