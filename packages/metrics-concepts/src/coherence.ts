import {
  apartFindings,
  baselineFindings,
  type ConceptBank,
  defineMetric,
  layerNamed,
  type Measurement,
  type Model,
  type NdArray,
  type Services,
  type Split,
  StudyError,
} from '@espalier/core';
import { mean } from '@espalier/numerics';
import * as z from 'zod';
import { difference, nullReference } from './against-null.ts';
import { classNameOf, nullBanksOf, placesOf } from './inputs.ts';
import { modelEmbeddings } from './model-embedding.ts';
import { omitted } from './omitted.ts';
import { type Embeddings, pairSimilarity } from './pair-similarity.ts';
import { pixelEmbeddings } from './pixel-embedding.ts';
import { inImagesOf, type ScoredBank, scoredPart } from './scored-part.ts';

const metric = 'coherence';

const options = z.strictObject({
  embedding: z
    .enum(['pixels', 'model', 'baseline'])
    .default('pixels')
    .describe(
      'where crops are compared: by colours and edges, the same for all models; by activations of the model itself; ' +
        "or by activations of the model at the node's baseline, so that all models are compared in one space",
    ),
  layer: z.string().min(1).nullable().default(null).describe("layer of the model's activations; null takes the last"),
});

/**
 * How alike the crops are that a concept is strong in.
 * @example "scores": { "use": "quality/coherence", "in": { "model": …, "images": …, "concepts": … } }
 */
export const coherence = defineMetric({
  name: metric,
  cacheVersion: '5',
  usesSeed: false,
  source: {
    title: 'Pach et al. (2025), Sparse Autoencoders Learn Monosemantic Features in Vision-Language Models',
    url: 'https://arxiv.org/abs/2504.02821',
    departures: [
      'weights are the non-negative codes as they are, not scaled to [0, 1]: the score does not depend on their scale',
      'computed in linear time; the value of permuted codes is exact',
    ],
  },
  options,
  inputs: ['model', 'images', 'concepts'],
  optionalInputs: ['nullConcepts'],
  needs: ({ embedding, layer }) => ({
    layers: embedding === 'pixels' ? [] : [{ path: ['layer'], name: layer, demand: 'any' }],
  }),
  check: ({ embedding }, known) => [
    ...apartFindings(known),
    ...(embedding === 'baseline'
      ? baselineFindings('The embedding "baseline" compares crops by the baseline\'s model', ['embedding'], known)
      : []),
  ],
  create: ({ embedding, layer }, services) => ({
    async measure({ model: own, images, concepts: banks, nullConcepts }, baseline) {
      const model = embedding === 'baseline' ? baselineModel(baseline?.model) : own;
      const at = embedding === 'pixels' ? null : layerNamed(model.layers, layer).name;
      const embed = async (bank: ScoredBank) => {
        const pictures = await images.images(placesOf(bank.ids, images, metric));
        return at === null
          ? pixelEmbeddings(pictures, bank.crops)
          : modelEmbeddings(model, at, { images: pictures, crops: bank.crops }, services);
      };
      const found = await measureBanks(banks, nullConcepts, { embed, images, services });
      return scoresOf(found, { embedding, layer: at });
    },
  }),
});

/** The classes that have a coherence, and those that have none. */
interface Coherences {
  readonly measured: readonly Coherence[];
  readonly without: readonly string[];
  readonly hasNull: boolean;
}

interface Coherence {
  readonly id: string;
  readonly value: number;
  readonly permuted: number;
  readonly nullValue: number | undefined;
}

interface Setting {
  readonly embed: (bank: ScoredBank) => Promise<Embeddings>;
  readonly images: Split;
  readonly services: Services;
}

async function measureBanks(
  banks: readonly ConceptBank[],
  nulls: readonly ConceptBank[] | undefined,
  { embed, images, services }: Setting,
): Promise<Coherences> {
  const measured: Coherence[] = [];
  const without: string[] = [];
  for (const bank of banks.map(scoredPart)) {
    services.signal.throwIfAborted();
    const embeddings = await embed(bank);
    const value = meanCoherence(bank, embeddings);
    const permuted = pairSimilarity(embeddings, new Float64Array(embeddings.count).fill(1));
    const nullValue = nulls && (await nullCoherence(bank, drawsOf(nulls, bank), { embeddings, embed }));
    if (value === null || permuted === null || nullValue === null) {
      services.log(`coherence: no concept of ${classNameOf(bank, images)} is in two crops; the class is left out.`);
      without.push(classNameOf(bank, images));
    } else measured.push({ id: classNameOf(bank, images), value, permuted, nullValue });
    services.progress({ done: measured.length + without.length, total: banks.length, unit: 'classes' });
  }
  return { measured, without, hasNull: nulls !== undefined };
}

function drawsOf(nulls: readonly ConceptBank[], bank: ScoredBank): readonly ScoredBank[] {
  return nullBanksOf(nulls, bank).map((draw) => inImagesOf(draw, bank, metric));
}

/** Mean over the null's draws; null when no concept of one of them is in two crops. */
async function nullCoherence(
  bank: ScoredBank,
  draws: readonly ScoredBank[],
  { embeddings, embed }: Pick<Setting, 'embed'> & { readonly embeddings: Embeddings },
): Promise<number | null> {
  const values: number[] = [];
  const cropsOf = ({ ids, crops }: ScoredBank) => JSON.stringify([ids, crops]);
  for (const draw of draws) {
    const value = meanCoherence(draw, cropsOf(bank) === cropsOf(draw) ? embeddings : await embed(draw));
    if (value === null) return null;
    values.push(value);
  }
  return mean(values);
}

/** Mean over the concepts that are in two crops or more; null when none is. */
function meanCoherence({ codes }: ScoredBank, embeddings: Embeddings): number | null {
  const values = columnsOf(codes)
    .map((weights) => pairSimilarity(embeddings, weights))
    .filter((value) => value !== null);
  return values.length === 0 ? null : mean(values);
}

function columnsOf({ data, shape }: NdArray<'p r'>): readonly Float64Array[] {
  const [crops, concepts] = shape as [number, number]; // 'p r' has two sizes
  return Array.from({ length: concepts }, (_, r) =>
    Float64Array.from({ length: crops }, (__, p) => data[p * concepts + r]!),
  );
}

const permutedReference = {
  name: 'permuted',
  words: 'that of permuted codes',
  zero: '0 where the codes may as well be dealt to the crops at random',
};

function scoresOf(
  { measured, without, hasNull }: Coherences,
  settings: { readonly embedding: string; readonly layer: string | null },
): readonly Measurement[] {
  const scores: Measurement = {
    ...{ metric: 'concept-coherence', aspect: 'concepts', role: 'primary', settings },
    words: { name: 'Coherence', meaning: 'How alike the crops are that a concept is strong in.' },
    ...{ direction: 'higher-is-better', range: [-1, 1], sample: 'class' },
    ids: measured.map(({ id }) => id),
    values: measured.map(({ value }) => value),
    ...omitted([{ reason: 'no concept is in two crops or more', ids: without }]),
    summary: 'mean',
  };
  const permuted = measured.map((one) => one.permuted);
  const nulls = measured.flatMap(({ nullValue }) => nullValue ?? []);
  const both = [scores, difference(scores, permuted, permutedReference)];
  return hasNull ? [...both, difference(scores, nulls, nullReference)] : both;
}

function baselineModel(model: Model | undefined): Model {
  if (model) return model;
  throw new StudyError(
    'core/input-missing',
    'The metric "coherence" with the embedding "baseline" needs the baseline\'s model; found no baseline. Give the ' +
      'node a "baseline", such as { "axis": "sparsity", "at": 0 }, or choose another "embedding".',
  );
}
