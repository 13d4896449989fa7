import { concatRows, definePlugin, expectFinite, ndArray, rows, type Scores } from '@espalier/core';
import * as z from 'zod';
import { againstNull } from './against-null.ts';
import { eachRebuiltImage, type RebuiltImage } from './bank-images.ts';
import { inputOf } from './inputs.ts';

const metric = 'completeness';

/** What the model makes of an image when only its concepts are left. */
export const completeness = definePlugin({
  kind: 'metric',
  name: metric,
  cacheVersion: '1',
  source: {
    title: 'Yeh et al. (2020), On Completeness-aware Concept-Based Explanations in Deep Neural Networks',
    url: 'https://arxiv.org/abs/1910.07969',
    departures: [
      'concepts reach the rest of the network through their own reconstruction, h(UW), and no map is learned: nothing is fitted to the answer that is measured',
      'hits, agreement and added loss of every image instead of one ratio of accuracies',
    ],
  },
  options: z.strictObject({}),
  inputs: ['model', 'images', 'concepts'],
  optionalInputs: ['nullConcepts'],
  create: (_, services) => ({
    async measure(inputs) {
      const model = inputOf(inputs, 'model', metric);
      const ids: string[] = [];
      const concepts: Answer[] = [];
      const nulls: Answer[] = [];
      const omitted = await eachRebuiltImage(inputs, metric, async (image) => {
        services.signal.throwIfAborted();
        const variants = [image.activations, ...rebuiltVariants(image)];
        const logits = await model.classify(concatRows(variants), image.layer);
        expectFinite(logits.data, `the logits of "${image.id}"`);
        const [whole, byConcepts, byNull] = variants.map((__, i) => rows(logits, i, i + 1).data);
        ids.push(image.id);
        concepts.push(answerOf(byConcepts!, whole!, image.label)); // two variants at least
        if (byNull) nulls.push(answerOf(byNull, whole!, image.label));
      });
      const scores = (part: keyof Answer, direction: Scores['direction'], range: Scores['range']) =>
        againstNull({
          ...{ metric: `concept-completeness-${part}`, preset: 'corrected', direction, range, sample: 'image', ids },
          ...omitted,
          values: concepts.map((answer) => answer[part]),
          nullValues: inputs.nullConcepts && nulls.map((answer) => answer[part]),
        });
      return [
        ...scores('accuracy', 'higher-is-better', [0, 1]),
        ...scores('agreement', 'higher-is-better', [0, 1]),
        ...scores('added-loss', 'lower-is-better', [null, null]),
      ];
    },
  }),
});

/** The answer to a reconstruction. */
interface Answer {
  /** 1 where the largest logit is the label's. */
  readonly accuracy: number;
  /** 1 where the answer is the one to the whole activation. */
  readonly agreement: number;
  /** Cross-entropy minus that of the whole activation, nats. */
  readonly 'added-loss': number;
}

function rebuiltVariants({ activations, rebuilt, rebuiltByNull }: RebuiltImage) {
  const found = rebuiltByNull ? [rebuilt, rebuiltByNull] : [rebuilt];
  return found.map((data) => ndArray(activations.axes, activations.shape, data));
}

function answerOf(logits: Float32Array, whole: Float32Array, label: number): Answer {
  const answer = argmax(logits);
  return {
    accuracy: Number(answer === label),
    agreement: Number(answer === argmax(whole)),
    'added-loss': crossEntropy(logits, label) - crossEntropy(whole, label),
  };
}

/** The index of the largest value, the lowest one among equals. */
function argmax(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
}

/** -log softmax(logits)[label], in nats. */
function crossEntropy(logits: Float32Array, label: number): number {
  const largest = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const total = logits.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  return largest + Math.log(total) - logits[label]!;
}
