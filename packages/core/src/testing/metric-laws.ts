import { describe, expect, test } from 'vitest';
import { ndArray, rows, takeRows } from '../array.ts';
import type { ConceptBank } from '../concept-extractor.ts';
import type { Split, TruthRegion } from '../dataset.ts';
import type { Attributions, Explainer } from '../explainer.ts';
import type { Metric, MetricInputs, Scores } from '../metric.ts';
import { randomStream } from '../random.ts';
import { toyModel } from './toy-model.ts';
import { toySplit } from './toy-split.ts';

/** Builds the metric under test. */
export type MetricFor = () => Metric | Promise<Metric>;

/** What every metric promises. Each law throws when the promise is broken. */
export const metricLaws: Readonly<Record<string, (metricFor: MetricFor) => Promise<void>>> = {
  async 'gives every sample one finite value, or says why it has none'(metricFor) {
    for (const { metric, ids, values, sample, omitted } of await measure(metricFor, toyInputs())) {
      expect(values.length, metric).toBe(ids.length);
      expect(values.length, metric).toBeGreaterThan(0);
      expect(values.every(Number.isFinite), metric).toBe(true);
      expect(new Set(ids).size, `${metric}: ids are unique`).toBe(ids.length);
      if (sample !== 'image') continue;
      const left = new Set((omitted ?? []).flatMap((group) => group.ids));
      expect([...left, ...ids].length, metric).toBe(count);
      expect(ids, metric).toEqual(toyInputs().images.ids.filter((id) => !left.has(id)));
    }
  },

  async 'stays inside the range it declares'(metricFor) {
    for (const { metric, values, range } of await measure(metricFor, toyInputs())) {
      const [smallest, largest] = [range[0] ?? Number.NEGATIVE_INFINITY, range[1] ?? Number.POSITIVE_INFINITY];
      expect(smallest, metric).toBeLessThan(largest);
      expect(Math.min(...values), metric).toBeGreaterThanOrEqual(smallest);
      expect(Math.max(...values), metric).toBeLessThanOrEqual(largest);
    }
  },

  async 'names its scores and its preset, once each'(metricFor) {
    const scores = await measure(metricFor, toyInputs());
    expect(scores.length).toBeGreaterThan(0);
    for (const { metric, preset } of scores) expect(Math.min(metric.length, preset.length), metric).toBeGreaterThan(0);
    expect(new Set(scores.map(({ metric }) => metric)).size).toBe(scores.length);
  },

  async 'puts each score into a few words of its own, where it does so at all'(metricFor) {
    const scores = await measure(metricFor, toyInputs());
    const names = scores.flatMap(({ words }) => words?.name ?? []);
    for (const { metric, words } of scores) {
      if (!words) continue;
      const { name, meaning, unit } = words;
      expect(name.trim().length, metric).toBeGreaterThan(0);
      expect(name.length, `${metric}: a name of a few words`).toBeLessThanOrEqual(60);
      expect(meaning.trim().length, metric).toBeGreaterThan(0);
      expect(unit?.trim(), `${metric}: leave an empty unit out`).not.toBe('');
    }
    expect(new Set(names).size, 'no two scores have one name').toBe(names.length);
  },

  async 'gives every sample one curve over the same positions, where there are curves'(metricFor) {
    for (const { metric, ids, curve } of await measure(metricFor, toyInputs())) {
      if (!curve) continue;
      expect(curve.values.shape, metric).toEqual([ids.length, curve.at.length]);
      expect(curve.values.data.every(Number.isFinite), metric).toBe(true);
      expect(curve.names?.length ?? curve.at.length, metric).toBe(curve.at.length);
    }
  },

  async 'scores the same samples under its other definitions, and says what differs'(metricFor) {
    for (const { metric, ids, definitions = [] } of await measure(metricFor, toyInputs())) {
      for (const { settings, values } of definitions) {
        expect(values.length, metric).toBe(ids.length);
        expect(values.every(Number.isFinite), metric).toBe(true);
        expect(Object.keys(settings).length, metric).toBeGreaterThan(0);
      }
      expect(new Set(definitions.map(({ settings }) => JSON.stringify(settings))).size, metric).toBe(
        definitions.length,
      );
    }
  },

  async 'gives the same scores every time'(metricFor) {
    const first = await measure(metricFor, toyInputs());
    expect(await measure(metricFor, toyInputs())).toEqual(first);
  },

  async 'scores an image alone as it scores it among others, to the last bit'(metricFor) {
    await expectBatchInvariance(await metricFor(), toyInputs(), [[3], [4, 1, 2]]);
  },

  async 'leaves its inputs as they were'(metricFor) {
    const inputs = toyInputs();
    await measure(metricFor, inputs);
    const before = toyInputs();
    expect(inputs.attributions).toEqual(before.attributions);
    for (const concepts of ['concepts', 'nullConcepts', 'otherConcepts'] as const) {
      expect(inputs[concepts]).toEqual(before[concepts]);
    }
    expect([inputs.images.ids, inputs.images.labels]).toEqual([before.images.ids, before.images.labels]);
    expect(await inputs.model.weights()).toEqual(await before.model.weights());
  },
};

/**
 * Checks that every image gets the same score, curve and other definitions, to the last bit, among all of `inputs` as in each of `batches`
 * (indices of images). An image that is scored among all must be scored in every batch it is in.
 */
export async function expectBatchInvariance(
  metric: Metric,
  inputs: MetricInputs,
  batches: readonly (readonly number[])[],
): Promise<void> {
  const all = await metric.measure(inputs);
  if (all.every(({ sample }) => sample !== 'image')) return;
  for (const indices of batches) {
    const parts = await metric.measure(takeSamples(inputs, indices));
    expect(parts.map((part) => part.metric)).toEqual(all.map((whole) => whole.metric));
    for (const [i, part] of parts.entries()) {
      if (part.sample !== 'image') continue;
      const whole = scoreById(all[i]!);
      const batch = scoreById(part);
      for (const id of indices.map((index) => inputs.images.ids[index]!))
        if (whole.has(id)) expect(batch.get(id), `${part.metric} of ${id} in [${indices}]`).toEqual(whole.get(id));
    }
  }
}

function scoreById({ ids, values, curve, definitions = [] }: Scores): ReadonlyMap<string, readonly number[]> {
  return new Map(
    ids.map((id, i) => [
      id,
      [
        values[i]!,
        ...(curve ? rows(curve.values, i, i + 1).data : []),
        ...definitions.map((definition) => definition.values[i]!),
      ],
    ]),
  );
}

/** Registers the laws as tests of the metric `name`. */
export function describeMetric(name: string, metricFor: MetricFor): void {
  describe(`${name} keeps the metric laws`, () => {
    for (const [law, check] of Object.entries(metricLaws)) test(law, () => check(metricFor));
  });
}

const count = 6;

/**
 * All that a metric may ask for: a toy model, six images with regions (the first has none), their attributions (the
 * last is all zero), an explainer, two concepts, and two other pairs of concepts to hold them against.
 */
function toyInputs(): MetricInputs {
  const images: Split = { ...toySplit(count), truth: async (index) => toyRegions(index) };
  const stream = randomStream(5, 'metric-laws');
  const values = ndArray('n h w c', [count, 8, 8, 3]);
  // Few distinct values, so that many pixels tie, and a last image without any attribution.
  for (let i = 0; i < values.data.length - 192; i++) values.data[i] = Math.round(2 * stream.normal()) / 2;
  const attributions: Attributions = {
    values,
    reduction: 'sum-abs',
    ids: images.ids,
    classIndex: images.labels,
    method: 'toy/noise',
    preset: 'corrected',
    diagnostics: {},
  };
  const bank = () => [toyBank(images, () => stream.uniform())];
  return {
    ...{ model: toyModel(3), images, attributions, explainer: toyGradient },
    ...{ concepts: bank(), nullConcepts: bank(), otherConcepts: bank() },
  };
}

const toyGradient: Explainer = {
  preset: 'corrected',
  reduction: 'sum',
  explain: async (model, images, classIndex) => ({
    values: await model.inputGradient(images, classIndex),
    diagnostics: {},
  }),
};

/** One row of pixels, another for each image, and one pixel of another name; nothing for the first image. */
function toyRegions(index: number): readonly TruthRegion[] {
  if (index === 0) return [];
  const filled = (from: number, to: number) => new Uint8Array(64).fill(1, from, to);
  return [
    { name: 'row', mask: filled(8 * index, 8 * index + 8) },
    { name: 'pixel', mask: filled(3, 4) },
  ];
}

function toyBank({ ids }: Split, uniform: () => number): ConceptBank {
  const random = <const Axes extends string>(axes: Axes, shape: readonly number[]) =>
    ndArray(
      axes,
      shape,
      ndArray(axes, shape).data.map(() => uniform()),
    );
  return {
    classIndex: 0,
    layer: 'features',
    ids,
    crops: ids.map((_, image) => ({ image, top: 0, left: 0, size: 4 })),
    dictionary: random('r d', [2, 5]),
    codes: random('p r', [ids.length, 2]),
    maps: random('n h w r', [ids.length, 4, 4, 2]),
    importance: random('n r', [ids.length, 2]),
    importanceError: random('n r', [ids.length, 2]),
    reconstructionError: 0.1,
    factorisation: { iterations: 10, stop: 'converged' },
    children: [],
  };
}

/** The same inputs for some of the images, in another order; ids stay with their images. */
function takeSamples(
  { model, images, attributions, explainer, concepts, nullConcepts, otherConcepts }: MetricInputs,
  indices: readonly number[],
): MetricInputs {
  const take = <Item>(items: readonly Item[]) => indices.map((index) => items[index]!);
  const places = (chosen: readonly number[]) => chosen.map((i) => indices[i]!);
  return {
    model,
    images: {
      ...images,
      ids: take(images.ids),
      labels: take(images.labels),
      digest: `${images.digest} ${indices}`,
      images: (chosen) => images.images(places(chosen)),
      pixels: (chosen) => images.pixels(places(chosen)),
      ...(images.truth && { truth: (index) => images.truth!(indices[index]!) }),
    },
    explainer,
    attributions: {
      ...attributions,
      ids: take(attributions.ids),
      classIndex: take(attributions.classIndex),
      values: takeRows(attributions.values, indices),
    },
    concepts: takeOfBanks(concepts, indices),
    nullConcepts: takeOfBanks(nullConcepts, indices),
    otherConcepts: takeOfBanks(otherConcepts, indices),
  };
}

function takeOfBanks(banks: readonly ConceptBank[], indices: readonly number[]): readonly ConceptBank[] {
  return banks.map((bank) => ({
    ...bank,
    ids: indices.map((index) => bank.ids[index]!),
    crops: indices.map((_, image) => ({ image, top: 0, left: 0, size: 4 })),
    codes: takeRows(bank.codes, indices),
    maps: takeRows(bank.maps, indices),
    importance: takeRows(bank.importance, indices),
    importanceError: takeRows(bank.importanceError, indices),
  }));
}

async function measure(metricFor: MetricFor, inputs: MetricInputs): Promise<readonly Scores[]> {
  return (await metricFor()).measure(inputs);
}
