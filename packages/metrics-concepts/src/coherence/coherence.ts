import {
  apartFindings,
  type ConceptBank,
  defineMetric,
  layerNamed,
  type Measurement,
  needFindings,
  omitted,
  placesOf,
  type ScoreWords,
  type Services,
  type Split,
  StudyError,
} from '@espalier/core';
import { mean } from '@espalier/numerics';
import * as z from 'zod';
import { difference, nullReference } from '../against-null.ts';
import { classNameOf, nullBanksOf } from '../inputs.ts';
import { polesOf } from '../poles.ts';
import { inImagesOf, type ScoredBank, scoredPart } from '../scored-part.ts';
import { modelEmbeddings } from './model-embedding.ts';
import { type Embeddings, pairSimilarity } from './pair-similarity.ts';
import { pixelEmbeddings } from './pixel-embedding.ts';

const metric = 'coherence';

const options = z.strictObject({
  layer: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("layer of the embedder's activations, where one is connected; null takes the last"),
});

/**
 * How alike the crops are that a concept is strong in.
 * @example "scores": { "use": "quality/coherence", "in": { "images": …, "concepts": … } }
 */
export const coherence = defineMetric({
  name: metric,
  cacheVersion: '6',
  usesSeed: false,
  source: {
    title: 'Pach et al. (2025), Sparse Autoencoders Learn Monosemantic Features in Vision-Language Models',
    url: 'https://arxiv.org/abs/2504.02821',
    departures: [
      'crops are compared by colours and edges, and by a model where one is connected; never by the models that are measured, each of which sees with its own eyes',
      'weights are the non-negative codes as they are, not scaled to [0, 1]: the score does not depend on their scale',
      'computed in linear time; the value of permuted codes is exact',
    ],
  },
  options,
  inputs: ['images', 'concepts'],
  optionalInputs: ['embedder', 'nullConcepts'],
  check: ({ layer }, known) => [
    ...apartFindings(known),
    ...needFindings({ layers: [{ path: ['layer'], name: layer, demand: 'any' }] }, { model: known.embedder }, metric),
  ],
  create: ({ layer }, services) => ({
    async measure({ images, concepts: banks, embedder, nullConcepts }) {
      if (layer !== null && !embedder) throw layerOfNone(layer);
      const pictures = async ({ ids }: ScoredBank) => images.images(placesOf(ids, images, metric, 'extractor'));
      const measured = async (space: Space, embed: Setting['embed']) =>
        scoresOf(await measureBanks(banks, nullConcepts, { embed, images, services }), space);
      const byPixels = await measured(pixels, async (bank) => pixelEmbeddings(await pictures(bank), bank.crops));
      if (!embedder) return byPixels;
      const space = {
        ...byEmbedder,
        settings: { embedding: 'embedder', layer: layerNamed(embedder.layers, layer).name },
      };
      const seen = { model: embedder, layer: space.settings.layer };
      const embedded = await measured(space, async (bank) => {
        return modelEmbeddings({ ...seen, images: await pictures(bank), crops: bank.crops }, services);
      });
      return [...byPixels, ...embedded];
    },
  }),
});

/** Where crops are compared. */
interface Space {
  readonly name: string;
  readonly words: ScoreWords;
  readonly settings: { readonly embedding: string; readonly layer?: string };
}

const meaning = 'How alike the crops are that a concept is strong in';

const pixels: Space = {
  name: 'concept-coherence',
  words: { name: 'Coherence', meaning: `${meaning}, by colours and edges.` },
  settings: { embedding: 'pixels' },
};

const byEmbedder = {
  name: 'concept-coherence-embedded',
  words: { name: 'Coherence by the embedder', meaning: `${meaning}, by a model that is not among those measured.` },
};

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
function meanCoherence(bank: ScoredBank, embeddings: Embeddings): number | null {
  const values = columnsOf(bank)
    .map((weights) => pairSimilarity(embeddings, weights))
    .filter((value) => value !== null);
  return values.length === 0 ? null : mean(values);
}

/** How strong each concept is in every crop, along its direction; and against it, where no end of it is the positive one. */
function columnsOf(bank: ScoredBank): readonly Float64Array[] {
  const { data, shape } = bank.codes;
  const [crops, concepts] = shape as [number, number]; // 'p r' has two sizes
  return polesOf(bank).flatMap((sign) =>
    Array.from({ length: concepts }, (_, r) =>
      Float64Array.from({ length: crops }, (__, p) => Math.max(0, sign * data[p * concepts + r]!)),
    ),
  );
}

const permutedReference = {
  name: 'permuted',
  words: 'that of permuted codes',
  zero: '0 where the codes may as well be dealt to the crops at random',
};

function scoresOf(
  { measured, without, hasNull }: Coherences,
  { name, words, settings }: Space,
): readonly Measurement[] {
  const scores: Measurement = {
    ...{ metric: name, aspect: 'concepts', role: 'primary', settings, words },
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

function layerOfNone(layer: string): StudyError {
  return new StudyError(
    'core/options-invalid',
    `The option "layer" of the metric "coherence" is one of the embedder's: expected a model on the input "embedder", found none with the ` +
      `layer "${layer}". Connect one, or leave "layer" out.`,
  );
}
