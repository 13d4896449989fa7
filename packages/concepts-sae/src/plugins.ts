import {
  type Dictionary,
  type Matrix,
  placeExtractor,
  placeMethod,
  type Told,
  takeMatrixRows,
} from '@espalier/concept-activations';
import { definePlugin, randomStream, type Services, StudyError } from '@espalier/core';
import { above, topK } from './activations.ts';
import { beforeActivation, dense, directionsOf } from './autoencoder.ts';
import { options, type SaeOptions, saeFindings, tooManyLatents } from './options.ts';
import { trainAutoencoder } from './training.ts';

const departures = [
  'one autoencoder for each class, trained on the activations of its images alone',
  'both losses are divided by the spread of the activations; the original divides the auxiliary one by what the others leave',
  'the encoder has a bias of its own, which starts at 0, beside the one that is taken off and added back',
  'of a layer of tokens the grid alone is learned from; class tokens stay as they are',
] as const;

/**
 * Concepts as the latents of an autoencoder that keeps, at every place, the k largest.
 * @example "concepts": { "use": "sae/top-k", "with": { "concepts": 64, "k": 8 }, "in": { "model": …, "images": { "$from": "data.val" } } }
 */
export const topKSae = saePlugin('row', {
  name: 'top-k',
  title: 'TopK autoencoder',
  source: {
    title: 'Gao et al. (2024), Scaling and evaluating sparse autoencoders; TopK by Makhzani & Frey (2013)',
    url: 'https://arxiv.org/abs/2406.04093',
    departures,
  },
});

/**
 * Concepts as the latents of an autoencoder that keeps the largest of a batch, k per place on average, and afterwards those above a threshold.
 * @example "concepts": { "use": "sae/batch-top-k", "with": { "concepts": 64, "k": 8 }, "in": { "model": …, "images": { "$from": "data.val" } } }
 */
export const batchTopKSae = saePlugin('batch', {
  name: 'batch-top-k',
  title: 'BatchTopK autoencoder',
  source: {
    title: 'Bussmann et al. (2024), BatchTopK Sparse Autoencoders',
    url: 'https://arxiv.org/abs/2412.06410',
    departures: [...departures, 'the threshold is a running mean over steps, of momentum 0.9, as in overcomplete'],
  },
});

interface Named {
  readonly name: string;
  readonly title: string;
  readonly source: { readonly title: string; readonly url: string; readonly departures: readonly string[] };
}

function saePlugin(by: 'row' | 'batch', named: Named) {
  return definePlugin({
    ...placeMethod(named.title),
    ...named,
    cacheVersion: '2',
    options,
    check: (asked, known) => saeFindings(asked, known, named.title),
    create: (asked, services) => {
      const problem = tooManyLatents(asked);
      if (problem !== undefined) throw new StudyError('core/options-invalid', problem);
      return placeExtractor(asked, services, {
        title: named.title,
        learn: ({ activations, learnt }, told, { classIndex }) =>
          learned(takeMatrixRows(activations, learnt), by, asked, { services, told, classIndex }),
      });
    },
  });
}

/** The dictionary of an autoencoder that is trained on rows. */
function learned(
  rows: Matrix,
  by: 'row' | 'batch',
  asked: SaeOptions,
  { services, told, classIndex }: { readonly services: Services; readonly told: Told; readonly classIndex: number },
): Dictionary {
  const stream = randomStream(services.seed, 'sae', classIndex);
  const { model, threshold, dead } = trainAutoencoder(rows, by, asked, { stream, told, signal: services.signal });
  if (dead > 0)
    services.log(`sparse autoencoder of class ${classIndex}: ${dead} of ${asked.concepts} latents are dead.`);
  const codesOf = (before: Matrix) => (by === 'batch' ? above(before, threshold) : topK(before, asked.k));
  return {
    directions: directionsOf(model),
    offset: model.bias,
    encode: (given) => dense(codesOf(beforeActivation(model, given)), asked.concepts),
    ...{ iterations: asked.steps, stop: 'iteration-limit' },
  };
}
