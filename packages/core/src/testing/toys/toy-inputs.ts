import { type NdArray, ndArray } from '../../array.ts';
import type { ConceptBank, ConceptDraws } from '../../concept-extractor.ts';
import type { Split, TruthRegion } from '../../dataset.ts';
import type { Attributions, Explainer } from '../../explaining/explainer.ts';
import type { MetricInputs } from '../../metric-inputs.ts';
import { type RandomStream, randomStream } from '../../random/random.ts';
import { toyModel } from './toy-model.ts';
import { toySplit, uniformArray } from './toy-split.ts';

const count = 6;

/**
 * All that a metric may ask for: a toy model and another, six images with regions (the first has none), their attributions (the
 * last is all zero), an explainer, two concepts, and two other pairs of concepts to hold them against.
 */
export function toyInputs(): MetricInputs {
  const images: Split = { ...toySplit(count), truth: async (index) => toyRegions(index) };
  const stream = randomStream(5, 'metric-laws');
  const values = ndArray('n h w c', [count, 8, 8, 3]);
  // Few distinct values, so that many pixels tie, and a last image without any attribution.
  for (let i = 0; i < values.data.length - 192; i++) values.data[i] = Math.round(2 * stream.normal()) / 2;
  const attributions: Attributions = {
    values,
    reduction: 'sum-abs',
    unit: 'logit-per-pixel',
    ids: images.ids,
    classIndex: images.labels,
    method: 'toy/noise',
    diagnostics: {},
  };
  const bank = () => [toyBank(images, stream)];
  return {
    ...{ model: toyModel(3), embedder: toyModel(8), images, attributions, explainer: toyGradient },
    ...{ concepts: bank(), nullConcepts: bank(), otherConcepts: bank() },
  };
}

/** The same of a network without weights: maps and concepts are zero everywhere, and no image has a region. */
export async function deadInputs(): Promise<MetricInputs> {
  const { model, images, attributions, ...inputs } = toyInputs();
  const zero = <Axes extends string>({ axes, shape }: NdArray<Axes>) => ndArray(axes, shape);
  const weights = new Map([...(await model.weights())].map(([name, array]) => [name, zero(array)]));
  const dead = (banks: readonly ConceptBank[]) =>
    banks.map((bank) => ({
      ...bank,
      codes: zero(bank.codes),
      maps: zero(bank.maps),
      importance: zero(bank.importance),
      draws: drawsOf(zero(bank.importance)),
    }));
  return {
    ...inputs,
    model: await model.withWeights(weights),
    images: { ...images, truth: async () => [] },
    attributions: { ...attributions, values: zero(attributions.values) },
    ...{ concepts: dead(inputs.concepts), nullConcepts: dead(inputs.nullConcepts) },
    otherConcepts: dead(inputs.otherConcepts),
  };
}

/** The same where every map has one value everywhere, also when the explainer is asked again. */
export function constantInputs(constant: number): MetricInputs {
  const inputs = toyInputs();
  const values = filledLike(inputs.attributions.values, constant);
  const explainer: Explainer = {
    reduction: 'sum',
    explain: async (_, images) => ({ values: filledLike(images, constant), diagnostics: {} }),
  };
  return { ...inputs, attributions: { ...inputs.attributions, values }, explainer };
}

/** The same where concepts are as much against their directions as along them. */
export function signedInputs(): MetricInputs {
  const { concepts, nullConcepts, otherConcepts, ...inputs } = toyInputs();
  const centred = <Axes extends string>({ axes, shape, data }: NdArray<Axes>) =>
    ndArray(
      axes,
      shape,
      data.map((value) => value - 0.5),
    );
  const signed = (banks: readonly ConceptBank[]) =>
    banks.map((bank) => ({
      ...bank,
      form: { codes: 'signed' } as const,
      offset: ndArray('d', [5], new Float32Array(5).fill(0.3)),
      codes: centred(bank.codes),
      maps: centred(bank.maps),
    }));
  return {
    ...inputs,
    concepts: signed(concepts),
    nullConcepts: signed(nullConcepts),
    otherConcepts: signed(otherConcepts),
  };
}

function filledLike<Axes extends string>({ axes, shape, data }: NdArray<Axes>, value: number): NdArray<Axes> {
  return ndArray(axes, shape, new Float32Array(data.length).fill(value));
}

const toyGradient: Explainer = {
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

function toyBank({ ids }: Split, stream: RandomStream): ConceptBank {
  const random = <const Axes extends string>(axes: Axes, shape: readonly number[]) => uniformArray(axes, shape, stream);
  const drawn = {
    dictionary: random('r d', [2, 5]),
    codes: random('p r', [ids.length, 2]),
    maps: random('n h w r', [ids.length, 4, 4, 2]),
    importance: random('n r', [ids.length, 2]),
    importanceError: random('n r', [ids.length, 2]),
  };
  return {
    ...drawn,
    classIndex: 0,
    layer: 'features',
    form: { isNamed: true, hasDraws: true },
    names: ['striped', 'dotted'],
    ids,
    crops: ids.map((_, image) => ({ image, top: 0, left: 0, size: 4 })),
    reconstructionError: 0.1,
    factorisation: { iterations: 10, stop: 'converged' },
    children: [],
    draws: drawsOf(drawn.importance),
  };
}

/** Three draws about the mean of an importance, of two concepts. */
function drawsOf({ data }: NdArray): ConceptDraws {
  const means = [0, 1].map((k) =>
    data.reduce((sum, value, i) => sum + (i % 2 === k ? value / (data.length / 2) : 0), 0),
  );
  const rows = [-1, 0, 1].map((step) => means.map((mean) => mean + step * 0.5 * Math.min(mean, 1 - mean)));
  return {
    ...{ of: 'counterparts', importance: rows, chance: [0.4, 0.5, 0.7], tested: 20 },
    accuracy: rows.map(() => [0.9, 0.8]),
  };
}
