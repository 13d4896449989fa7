import { expect, test } from 'vitest';
import { scoreDifferences } from '../src/same-scores/score-differences.ts';

const score = {
  instance: 'gini[sparsity=0.5]',
  metric: 'sparseness',
  preset: 'corrected',
  range: [0, 1],
  model: 'prune[sparsity=0.5]',
  value: 0.1 + 0.2,
  curve: { label: 'a curve', at: [0, 10], mean: [1, 0.5] },
};
const claim = { id: 'claim-sparseness', verdict: 'inconclusive', p: 0.25, aspect: 'sparseness' };
const model = { instance: 'prune[sparsity=0.5]', digest: 'ab', kernels: [{ name: 'conv', nonzero: 3 }] };
const results = { scores: [score], claims: { claims: [claim] }, models: [model] };

test('labels, words, ranges and new fields are not compared; a null that is left out is the same', () => {
  const other = { ...score, preset: 'corrected (steps=8)', range: [-1, 1], unit: 'share', order: 1, omitted: null };
  expect(scoreDifferences(results, { ...results, scores: [other] })).toEqual([]);
});

test('a last bit, a longer curve, a verdict and a digest are differences, each with its place', () => {
  const curve = { ...score.curve, at: [0, 10, 20] };
  const after = {
    scores: [{ ...score, value: 0.3, curve }],
    claims: { claims: [{ ...claim, verdict: 'changed' }] },
    models: [{ ...model, digest: 'cd', kernels: [{ name: 'conv', nonzero: 2 }] }],
  };
  const found = scoreDifferences(results, after).map(({ entry, field }) => `${entry} ${field}`);
  expect(found).toEqual([
    'models: prune[sparsity=0.5] digest',
    'models: prune[sparsity=0.5] kernels.0.nonzero',
    'scores: gini[sparsity=0.5] sparseness value',
    'scores: gini[sparsity=0.5] sparseness curve.at.2',
    'claims: claim-sparseness verdict',
  ]);
});

test('entries that only one side has are named, and two of one name are told apart', () => {
  const twice = { ...results, scores: [score, { ...score, value: 1 }] };
  expect(scoreDifferences(twice, results)).toEqual([
    { entry: 'scores: gini[sparsity=0.5] sparseness (2)', field: '', before: 'there', after: 'missing' },
  ]);
  expect(scoreDifferences(results, twice)).toEqual([
    { entry: 'scores: gini[sparsity=0.5] sparseness (2)', field: '', before: 'missing', after: 'there' },
  ]);
});

test('what a clock said may be another number, and may be missing', () => {
  const timed = (value: number) => ({
    ...results,
    scores: [score, { ...score, metric: 'pace', isTiming: true, value }],
  });
  expect(scoreDifferences(timed(1), timed(2))).toEqual([]);
  expect(scoreDifferences(timed(1), results)).toEqual([]);
});

test('what is called otherwise is found by its new name', () => {
  const claims = { claims: [{ ...claim, id: 'claim-gini' }] };
  const moved = { ...results, scores: [{ ...score, metric: 'gini' }], claims };
  expect(scoreDifferences(results, moved)).toHaveLength(4);
  expect(scoreDifferences(results, moved, new Map([['sparseness', 'gini']]))).toEqual([]);
});
