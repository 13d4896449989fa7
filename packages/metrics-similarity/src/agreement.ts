import {
  baselineFindings,
  defineMetric,
  expectFinite,
  imagesIn,
  type Measurement,
  type Model,
  type NdArray,
  rows,
} from '@espalier/core';
import { argmax } from '@espalier/numerics';
import * as z from 'zod';
import { baselineOf } from './baseline-of.ts';
import { divergences } from './divergences.ts';

// Images per call of a model.
const imagesPerCall = 64;

/**
 * Whether a model answers as the one at the node's baseline does, and how far its probabilities are from that one's.
 *
 * Returns for each image `prediction-agreement`, 1 where both give it one class, and `js-divergence` and `kl-divergence` of their
 * probabilities.
 * @example "scores": { "use": "similarity/agreement", "in": { "model": …, "images": … }, "baseline": { "axis": "sparsity", "at": 0 } }
 */
export const agreement = defineMetric({
  name: 'agreement',
  title: 'Prediction agreement',
  cacheVersion: '1',
  usesSeed: false,
  source: {
    title: 'Hooker et al. (2019), What Do Compressed Deep Neural Networks Forget?',
    url: 'https://arxiv.org/abs/1911.05248',
    departures: [
      'one model against one baseline; the source compares the modal labels of many of each',
      'the divergences of Kullback and Leibler (from the baseline) and of Jensen and Shannon (Lin 1991) beside it, of the softmax, in nats',
    ],
  },
  options: z.strictObject({}),
  inputs: ['model', 'images'],
  check: (_, known) => baselineFindings('It compares with the predictions at the baseline', [], known),
  passes(_, { images }) {
    const count = imagesIn(images);
    return { forward: count && 2 * count };
  },
  create: (_, { signal, progress }) => ({
    async measure(inputs, baseline) {
      const { model, images } = inputs;
      const dense = baselineOf(inputs, baseline, 'agreement');
      const found: Compared[] = [];
      const total = images.ids.length;
      for (let start = 0; start < total; start += imagesPerCall) {
        signal.throwIfAborted();
        const ids = images.ids.slice(start, start + imagesPerCall);
        const batch = await images.images(ids.map((_, i) => start + i));
        const [before, after] = [await logitsOf(dense, batch, ids), await logitsOf(model, batch, ids)];
        found.push(...before.map((logits, i) => compared(logits, after[i]!)));
        progress({ done: found.length, total, unit: 'images' });
      }
      return scoresOf(images.ids, found);
    },
  }),
});

interface Compared {
  readonly agrees: number;
  readonly kl: number;
  readonly js: number;
}

function compared(before: Float32Array, after: Float32Array): Compared {
  return { agrees: Number(argmax(before) === argmax(after)), ...divergences(before, after) };
}

async function logitsOf(
  model: Model,
  batch: NdArray<'n h w c'>,
  ids: readonly string[],
): Promise<readonly Float32Array[]> {
  const logits = await model.predict(batch);
  return ids.map((id, i) => {
    const own = rows(logits, i, i + 1).data;
    expectFinite(own, `the logits of "${id}"`);
    return own;
  });
}

const common = { aspect: 'similarity', sample: 'image', summary: 'mean' } as const satisfies Partial<Measurement>;

function scoresOf(ids: readonly string[], found: readonly Compared[]): readonly Measurement[] {
  const divergence = { ...common, ids, role: 'companion', direction: 'lower-is-better' } as const;
  return [
    {
      ...common,
      ids,
      metric: 'prediction-agreement',
      words: {
        name: 'Prediction agreement',
        meaning: 'Share of images that the model gives the same class as the model at the baseline, right or wrong.',
        unit: '%',
      },
      role: 'primary',
      direction: 'higher-is-better',
      range: [0, 1],
      values: found.map(({ agrees }) => agrees),
    },
    {
      ...divergence,
      metric: 'js-divergence',
      words: {
        name: 'Jensen-Shannon divergence',
        meaning:
          'How far the probabilities of the model are from those of the model at the baseline: 0 where they are equal.',
        unit: 'nats',
      },
      range: [0, Math.LN2],
      values: found.map(({ js }) => js),
    },
    {
      ...divergence,
      metric: 'kl-divergence',
      words: {
        name: 'Kullback-Leibler divergence',
        meaning:
          'What is lost, in nats, where the probabilities of the model stand for those of the model at the baseline.',
        unit: 'nats',
      },
      range: [0, null],
      values: found.map(({ kl }) => kl),
    },
  ];
}
