import {
  maxConcepts,
  multiplyByTransposed,
  placeExtractor,
  placeMethod,
  placeOptions,
  takeMatrixRows,
  transposed,
  zeros,
} from '@espalier/concept-activations';
import { definePlugin, randomStream, StudyError } from '@espalier/core';
import * as z from 'zod';
import { principalComponents } from './principal-components.ts';

const title = 'PCA';

const options = z.strictObject({
  concepts: z.int().min(1).max(maxConcepts).default(10).describe(`components per class, at most ${maxConcepts}`),
  ...placeOptions,
  maxIterations: z
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe('iterations of the search for the components, each a product with the covariance'),
});

/**
 * Concepts as the directions in which a layer's activations vary most, about their mean.
 * @example "concepts": { "use": "pca/pca", "with": { "concepts": 10 }, "in": { "model": …, "images": { "$from": "data.val" } } }
 */
export const pca = definePlugin({
  ...placeMethod(title),
  name: 'pca',
  cacheVersion: '2',
  banks: { codes: 'signed' },
  source: {
    title:
      'Zhang et al. (2021), Invertible Concept-based Explanations for CNN Models with Non-negative Concept Activation Vectors',
    url: 'https://arxiv.org/abs/2006.15417',
    departures: [
      'its variant with PCA as reducer; importance is the total Sobol index of masks on the codes instead of a directional derivative, and concepts are numbered by it',
      'of a layer of tokens the grid alone is learned from; class tokens stay as they are',
    ],
  },
  options,
  create: (asked, services) =>
    placeExtractor(asked, services, {
      title,
      form: { codes: 'signed' },
      learn({ activations, learnt }, told, { classIndex }) {
        const X = takeMatrixRows(activations, learnt);
        const most = Math.min(X.columns, X.rows - 1);
        if (asked.concepts > most) throw tooMany(asked.concepts, X);
        const stream = randomStream(services.seed, 'pca', classIndex);
        const { mean, directions, iterations, stop } = principalComponents(X, asked.concepts, { ...asked, stream });
        told(1);
        const W = transposed(directions);
        return {
          ...{ directions, offset: mean, iterations, stop },
          encode({ rows, columns, data }) {
            const codes = zeros(rows, asked.concepts);
            const centred = data.map((value, i) => value - mean[i % columns]!);
            multiplyByTransposed({ rows, columns, data: centred }, W, codes);
            return codes;
          },
        };
      },
    }),
});

function tooMany(concepts: number, { rows, columns }: { readonly rows: number; readonly columns: number }): StudyError {
  return new StudyError(
    'core/options-invalid',
    `PCA finds at most as many concepts as there are features, and fewer than rows to learn from: found ${concepts} \`concepts\`, ` +
      `${columns} features and ${rows} rows. Ask for fewer \`concepts\`, or give more images.`,
  );
}
