import { defineMetric, imagesIn, type Measurement, type Split } from '@espalier/core';
import { argmax, crossEntropy as crossEntropyOf, probability } from '@espalier/numerics';
import * as z from 'zod';
import { predictSplit } from './predict-split.ts';

const softmax = 'https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html';

/**
 * 1 for every image whose largest logit is its label's, else 0. Equal logits count for the lower index.
 * @example "scores": { "use": "metrics/accuracy", "in": { "model": …, "images": … } }
 */
export const accuracy = defineMetric({
  name: 'accuracy',
  cacheVersion: '4',
  usesSeed: false,
  source: {
    title: 'Top-1 accuracy',
    url: 'https://scikit-learn.org/stable/modules/model_evaluation.html#accuracy-score',
    departures: [],
  },
  options: z.strictObject({}),
  inputs: ['model', 'images'],
  passes: (_, { images }) => ({ forward: imagesIn(images) }),
  create: (_, services) => ({
    async measure({ model, images }) {
      return [accuracyScores(images, await predictSplit(model, images, services, answerOf))];
    },
  }),
});

/**
 * Cross-entropy of every image's prediction with its label, in nats.
 * @example "scores": { "use": "metrics/cross-entropy", "in": { "model": …, "images": … } }
 */
export const crossEntropy = defineMetric({
  name: 'cross-entropy',
  cacheVersion: '3',
  usesSeed: false,
  source: { title: 'Cross-entropy of the softmax', url: softmax, departures: ['sums in float64'] },
  options: z.strictObject({}),
  inputs: ['model', 'images'],
  passes: (_, { images }) => ({ forward: imagesIn(images) }),
  create: (_, services) => ({
    async measure({ model, images }) {
      return [crossEntropyScores(images, await predictSplit(model, images, services, crossEntropyOf))];
    },
  }),
});

/**
 * What `accuracy` and `cross-entropy` score, from one prediction of every image instead of two.
 * @example "scores": { "use": "metrics/predictions", "in": { "model": …, "images": … } }
 */
export const predictions = defineMetric({
  name: 'predictions',
  cacheVersion: '3',
  usesSeed: false,
  source: {
    title: 'Top-1 accuracy, and cross-entropy of the softmax',
    url: softmax,
    departures: ['sums in float64'],
  },
  options: z.strictObject({}),
  inputs: ['model', 'images'],
  passes: (_, { images }) => ({ forward: imagesIn(images) }),
  create: (_, services) => ({
    async measure({ model, images }) {
      const all = await predictSplit(model, images, services, (logits, label) => ({
        answer: answerOf(logits, label),
        loss: crossEntropyOf(logits, label),
      }));
      const [answers, losses] = [all.map((one) => one.answer), all.map((one) => one.loss)];
      return [accuracyScores(images, answers), crossEntropyScores(images, losses)];
    },
  }),
});

/** The class of the largest logit, whether it is the label's, and how probable the model finds it. */
interface ImageAnswer {
  readonly classIndex: number;
  readonly isCorrect: boolean;
  readonly probability: number;
}

function answerOf(logits: Float32Array, label: number): ImageAnswer {
  const classIndex = argmax(logits);
  return { classIndex, isCorrect: classIndex === label, probability: probability(logits, classIndex) };
}

const ofImages = { aspect: 'accuracy', role: 'primary', sample: 'image', summary: 'mean' } as const;

function accuracyScores({ ids }: Split, answers: readonly ImageAnswer[]): Measurement {
  return {
    ...ofImages,
    metric: 'accuracy',
    words: { name: 'Accuracy', meaning: 'Share of images whose largest logit is their label.', unit: '%' },
    isCorrectness: true,
    direction: 'higher-is-better',
    range: [0, 1],
    ids,
    values: answers.map(({ isCorrect }) => Number(isCorrect)),
    answers: {
      classes: answers.map(({ classIndex }) => classIndex),
      probabilities: answers.map((answer) => answer.probability),
    },
  };
}

function crossEntropyScores({ ids }: Split, values: readonly number[]): Measurement {
  return {
    ...ofImages,
    metric: 'cross-entropy',
    words: { name: 'Cross-entropy', meaning: 'Negative log-probability of the label.', unit: 'nats' },
    direction: 'lower-is-better',
    range: [0, null],
    ids,
    values,
  };
}
