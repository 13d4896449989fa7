import { codeSimilarity, correlation, matchConcepts, scoredTogether } from '@espalier/concept-matching';
import { apartFindings, baselineFindings, type ConceptBank, defineMetric } from '@espalier/core';
import * as z from 'zod';
import { type Followed, followClasses, followedScores } from './followed-concepts.ts';
import { type RemovalEffects, removalEffects } from './removal-effects.ts';

const metric = 'ablation';

/**
 * Whether removing a concept does to the answer what removing its counterpart at the node's baseline does.
 * @example "scores": { "use": "quality/ablation", "in": { "model": …, "images": …, "concepts": …, "otherConcepts": … }, "baseline": { "axis": "sparsity", "at": 0 } }
 */
export const ablation = defineMetric({
  name: metric,
  cacheVersion: '1',
  usesSeed: false,
  source: {
    title: 'Goyal et al. (2019), Explaining Classifiers with Causal Concept Effect (CaCE)',
    url: 'https://arxiv.org/abs/1907.07165',
    departures: [
      'a concept is removed from the activations of the layer, not from the image, and all else stays',
      "effects on the class's logit, image by image; two networks' effects are compared by their correlation, since their logits have no common scale",
    ],
  },
  options: z.strictObject({}),
  inputs: ['model', 'images', 'concepts'],
  optionalInputs: ['otherConcepts', 'nullConcepts'],
  check: (_, known) => [
    ...apartFindings(known),
    ...baselineFindings('It compares with the concepts at the baseline', [], known),
  ],
  create: (_, services) => ({
    async measure(inputs, baseline) {
      const classes = followClasses(inputs, baseline, metric);
      const told = () => services.signal.throwIfAborted();
      const effects = {
        model: new Map<ConceptBank, RemovalEffects>(),
        baseline: new Map<ConceptBank, RemovalEffects>(),
      };
      const measure = async (of: Followed['of'], banks: readonly ConceptBank[]) => {
        const { model, images } = of === 'model' ? inputs : baseline!; // classes are followed from it
        for (const [bank, found] of await removalEffects(model, new Set(banks), images, { metric, told }))
          effects[of].set(bank, found);
      };
      for (const [done, { own, byNull }] of classes.entries()) {
        await measure(
          'baseline',
          own.map(({ before }) => before),
        );
        await measure(
          'model',
          [...own, ...byNull].map(({ after }) => after),
        );
        services.progress({ done: done + 1, total: classes.length, unit: 'classes' });
      }
      return followedScores(
        {
          metric: 'concept-ablation',
          words: {
            name: 'Lineage by ablation',
            meaning: 'Correlation of what removing matched concepts does to the logit, here and in the baseline.',
          },
          range: [-1, 1],
        },
        classes,
        inputs,
        (one) => likeness(one, effects.baseline.get(one.before)!, effects[one.of].get(one.after)!), // just added
      );
    },
  }),
});

/** Correlation over matched pairs and images that neither was learned from; 0 where one has the same effect everywhere. */
function likeness({ before, after }: Followed, effectsBefore: RemovalEffects, effectsAfter: RemovalEffects): number {
  const { pairs } = matchConcepts(codeSimilarity(before, after), -1); // alike or not
  const ids = scoredTogether(before, after);
  const over = (effects: RemovalEffects, side: 'from' | 'to') =>
    Float64Array.from(ids.flatMap((id) => pairs.map((pair) => effects.get(id)![pair[side]]!))); // of every image
  return correlation(over(effectsBefore, 'from'), over(effectsAfter, 'to'));
}
