import {
  apartFindings,
  concatRows,
  defineMetric,
  expectFinite,
  type Measurement,
  rows,
  type ScoreWords,
} from '@espalier/core';
import { argmax, crossEntropy, mean } from '@espalier/numerics';
import * as z from 'zod';
import { againstNull } from './against-null.ts';
import { eachRebuiltImage, withPlaces } from './bank-images.ts';

const metric = 'completeness';

/**
 * What the model makes of an image when only its concepts are left.
 * @example "scores": { "use": "quality/completeness", "in": { "model": …, "images": …, "concepts": … } }
 */
export const completeness = defineMetric({
  name: metric,
  cacheVersion: '4',
  usesSeed: false,
  source: {
    title: 'Yeh et al. (2020), On Completeness-aware Concept-Based Explanations in Deep Neural Networks',
    url: 'https://arxiv.org/abs/1910.07969',
    departures: [
      'concepts reach the rest of the network through their own reconstruction, h(UW), and no map is learned: nothing is fitted to the answer that is measured',
      'hits, agreement and added loss of every image instead of one ratio of accuracies',
      'of a layer of tokens the grid is rebuilt, and class tokens stay as they are',
    ],
  },
  options: z.strictObject({}),
  inputs: ['model', 'images', 'concepts'],
  optionalInputs: ['nullConcepts'],
  needsBanks: { rebuilds: true },
  check: (_, known) => apartFindings(known),
  create: (_, services) => ({
    async measure(inputs) {
      const { model, nullConcepts } = inputs;
      const ids: string[] = [];
      const sharedFits: string[] = [];
      const concepts: Answer[] = [];
      const nulls: (readonly Answer[])[] = [];
      const omitted = await eachRebuiltImage(inputs, metric, async (image) => {
        services.signal.throwIfAborted();
        const rebuilt = [image.rebuilt, ...image.rebuiltByNull];
        const variants = [image.activations, ...rebuilt.map((places) => withPlaces(image, places))];
        const logits = await model.classify(concatRows(variants), image.layer);
        expectFinite(logits.data, `the logits of "${image.id}"`);
        const whole = rows(logits, 0, 1).data;
        const answers = rebuilt.map((__, i) => answerOf(rows(logits, i + 1, i + 2).data, whole, image.label));
        ids.push(image.id);
        sharedFits.push(image.fit);
        concepts.push(answers[0]!); // to the concepts, before the draws of the null
        nulls.push(answers.slice(1));
      });
      const scores = (part: keyof Answer, direction: Measurement['direction'], range: Measurement['range']) =>
        againstNull({
          ...{ metric: `concept-completeness-${part}`, direction, range, sample: 'image', ids, sharedFits },
          ...omitted,
          words: words[part],
          role: part === 'accuracy' ? 'primary' : 'companion',
          values: concepts.map((answer) => answer[part]),
          nullValues: nullConcepts && nulls.map((draws) => mean(draws.map((answer) => answer[part]))),
        });
      return [
        ...scores('accuracy', 'higher-is-better', [0, 1]),
        ...scores('agreement', 'higher-is-better', [0, 1]),
        ...scores('added-loss', 'lower-is-better', [null, null]),
      ];
    },
  }),
});

const words: Readonly<Record<keyof Answer, ScoreWords>> = {
  accuracy: {
    name: 'Completeness: accuracy',
    meaning: 'Share of images answered rightly when only the concepts are left.',
    unit: '%',
  },
  agreement: {
    name: 'Completeness: agreement',
    meaning: 'Share of images whose answer stays when only the concepts are left.',
    unit: '%',
  },
  'added-loss': {
    name: 'Completeness: added loss',
    meaning: 'Cross-entropy that is added when only the concepts are left.',
    unit: 'nats',
  },
};

/** The answer to a reconstruction. */
interface Answer {
  /** 1 where the largest logit is the label's. */
  readonly accuracy: number;
  /** 1 where the answer is the one to the whole activation. */
  readonly agreement: number;
  /** Cross-entropy minus that of the whole activation, nats. */
  readonly 'added-loss': number;
}

function answerOf(logits: Float32Array, whole: Float32Array, label: number): Answer {
  const answer = argmax(logits);
  return {
    accuracy: Number(answer === label),
    agreement: Number(answer === argmax(whole)),
    'added-loss': crossEntropy(logits, label) - crossEntropy(whole, label),
  };
}
