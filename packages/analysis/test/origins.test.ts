import type { ModelSummary, Origin, Scores } from '@espalier/core';
import { toyLabel } from '@espalier/core/testing';
import { describe, expect, test } from 'vitest';
import { overSeeds } from '../src/results/over-seeds.ts';
import { readScores } from '../src/results/score-results.ts';
import { explainerNames } from '../src/results/series.ts';
import { compareOrigins } from '../src/study/axes.ts';
import { levelName } from '../src/study/levels.ts';
import { inheritedEpochs, type ModelRecord, modelOf, readModels } from '../src/study/models.ts';
import { entry } from './entry.ts';

const axes = {
  sparsity: 'sparsity',
  seed: 'seed',
  explainer: 'explainer',
  arm: 'arm',
  treatment: null,
  control: null,
  draw: 'draw',
  definition: 'definition',
  defaultDefinition: 'default',
};

let weights = 0;

function summary(kernelSparsity: number, total = 1e6): ModelSummary {
  return {
    architecture: 'toy',
    proof: {
      kernels: [{ name: 'k', total, nonzero: Math.round(total * (1 - kernelSparsity)) }],
      kernelSparsity,
      parameterSparsity: kernelSparsity,
      maskDigest: '',
    },
    history: [],
    numerics: { engine: 'toy', version: '1', inference: 'exact', training: 'exact' },
    digest: `weights ${weights}`,
    networkDigest: `network ${weights++}`,
  };
}

const scored = (values: readonly number[], curve?: Scores['curve']): Scores => ({
  metric: 'm',
  words: { name: 'm', meaning: 'A measure.' },
  label: toyLabel('m'),
  aspect: 'all',
  role: 'primary',
  preset: 'corrected',
  direction: 'neither',
  range: [0, 1],
  sample: 'image',
  ids: values.map((_, i) => `i${i}`),
  values,
  summary: 'mean',
  ...(curve && { curve }),
});

async function toyModels(): Promise<ModelRecord[]> {
  return readModels(
    [
      entry('dense', 'core/train', { seed: 0 }, () => summary(0)),
      entry('prune', 'p/prune', { seed: 0, sparsity: 0.5 }, () => summary(0.5)),
      entry('prune', 'p/prune', { seed: 1, sparsity: 0.5 }, () => summary(0.5)),
      entry('control', 'p/random', { seed: 0, sparsity: 0.5 }, () => summary(0.5)),
    ],
    axes,
  );
}

describe('which model a result is of', () => {
  const origin = (labels: Origin['labels'], model?: string): Origin => ({
    ...{ instance: 'x', node: 'gini', use: 'm/gini', labels },
    ...(model !== undefined && { model }),
  });

  test('the one with the most labels in common, all of them its own', async () => {
    const models = await toyModels();
    expect(modelOf(origin({ seed: 1, sparsity: 0.5, explainer: 'vg' }), models)?.origin.instance).toBe(
      'prune[seed=1,sparsity=0.5]',
    );
    expect(modelOf(origin({ seed: 0, explainer: 'vg' }), models)?.origin.instance).toBe('dense[seed=0]');
    expect(modelOf(origin({ explainer: 'vg' }), models)).toBeNull();
  });

  test('none, where two different models fit equally well', async () => {
    expect(modelOf(origin({ seed: 0, sparsity: 0.5 }), await toyModels())).toBeNull();
  });

  test('the one that the origin names, before any label', async () => {
    const named = origin({ seed: 0, sparsity: 0.5 }, 'control[seed=0,sparsity=0.5]');
    expect(modelOf(named, await toyModels())?.variant).toBe('control');
  });
});

test('a label holds to within a tolerance and one weight', async () => {
  const at = async (nominal: number, counted: number, total?: number) =>
    (await readModels([entry('prune', 'p', { sparsity: nominal }, () => summary(counted, total))], axes))[0]!
      .labelHolds;
  expect(await at(0.7, 0.70009)).toBe(true);
  expect(await at(0.7, 0.7002)).toBe(false);
  expect(await at(0.7, 0)).toBe(false);
  expect(await at(0.3, 1 / 3, 12)).toBe(true); // 4 of 12 is as near as a whole count comes
});

test('levels: mean of the seeds’ means, their range, and n per instance', async () => {
  const score = (seed: number, values: readonly number[]) =>
    entry('m', 'm/m', { seed, sparsity: 0.5 }, () => [scored(values)]);
  const models = (await toyModels()).filter(({ variant }) => variant === 'prune');
  const scores = [score(0, [0, 1]), score(1, [1, 1, 1]), score(2, [0])];
  const levels = overSeeds(await readScores(scores, models, axes, () => {}));
  expect(levels.map(({ variant }) => variant)).toEqual(['', 'prune']); // no model has seed 2: it stands alone
  expect(levels[1]).toMatchObject({
    lowest: 0.5,
    highest: 1,
    seeds: 2,
    n: [2, 3],
    value: 0.75,
    counted: 0.5,
    nominal: 0.5,
  });
});

test('results are in the order of nodes and numbers, not of texts', () => {
  const origin = (node: string, sparsity: number): Origin => ({
    instance: `${node}${sparsity}`,
    node,
    use: '',
    labels: { sparsity },
  });
  const sorted = [origin('b', 0), origin('a', 10), origin('a', 9)].sort(compareOrigins);
  expect(sorted.map(({ instance }) => instance)).toEqual(['a9', 'a10', 'b0']);
});

test('a history goes on from the longest one that it repeats from the start', () => {
  const epochs = (...losses: readonly number[]) =>
    losses.map((loss, i) => ({ epoch: i + 1, loss, accuracy: 0, learningRate: 0 }));
  const all = [epochs(3, 2), epochs(3, 2, 1), epochs(3, 2, 1, 0), epochs(3, 9)];
  expect(all.map((history) => inheritedEpochs(history, all))).toEqual([0, 2, 3, 0]);
});

describe('names', () => {
  test('explainers are called what they call themselves, with their labels where those names would collide', () => {
    const named = (...pairs: readonly (readonly [label: string, name: string | null])[]) =>
      explainerNames(pairs.map(([explainer, explainerName]) => ({ explainer, explainerName })));
    expect([...named(['vg/saliency', 'Vanilla Gradients'], ['gc/grad-cam', null])]).toEqual([
      ['gc/grad-cam', 'gc/grad-cam'],
      ['vg/saliency', 'Vanilla Gradients'],
    ]);
    const shared = named(['a/path', 'Integrated Gradients'], ['b/path', 'Integrated Gradients']);
    expect(shared.get('b/path')).toBe('Integrated Gradients (b/path)');
  });

  test('a level goes by what was counted', () => {
    expect(levelName({ counted: 0.69998, nominal: 0.7, labelHolds: true, isMatched: false })).toBe('70\u202f%');
    expect(levelName({ counted: 0.012, nominal: 0.7, labelHolds: false, isMatched: false })).toBe(
      '1.2\u202f% (labelled 70\u202f%)',
    );
    expect(levelName({ counted: null, nominal: 0.7, labelHolds: true, isMatched: false })).toBe('70\u202f% (label)');
    expect(levelName({ counted: 0.5, nominal: null, labelHolds: true, isMatched: false })).toBe('50\u202f%');
  });
});
