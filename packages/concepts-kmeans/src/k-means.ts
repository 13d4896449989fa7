import {
  type Dictionary,
  type Matrix,
  maxConcepts,
  placeExtractor,
  placeMethod,
  placeOptions,
  takeMatrixRows,
  zeros,
} from '@espalier/concept-activations';
import { definePlugin, randomStream, StudyError } from '@espalier/core';
import * as z from 'zod';
import { type Clusters, lloyd, nearest, plusPlus } from './lloyd.ts';

const title = 'k-means';

const options = z.strictObject({
  concepts: z.int().min(1).max(maxConcepts).default(10).describe(`clusters per class, at most ${maxConcepts}`),
  ...placeOptions,
  restarts: z
    .int()
    .min(0)
    .max(100)
    .default(2)
    .describe('searches besides the first, each from centres drawn anew; the one of least squared distances wins'),
  tolerance: z
    .number()
    .min(0)
    .lt(1)
    .default(1e-4)
    .describe(
      'a search stops when the squared shift of the centres is at most this, relative to the mean variance of the features',
    ),
  maxIterations: z.int().min(1).max(100_000).default(300).describe('iterations of one search'),
});

/**
 * Concepts as clusters of a layer's activations: every place is its nearest centre, and no other.
 * @example "concepts": { "use": "kmeans/k-means", "with": { "concepts": 10 }, "in": { "model": …, "images": { "$from": "data.val" } } }
 */
export const kMeans = definePlugin({
  ...placeMethod(title),
  name: 'k-means',
  cacheVersion: '2',
  source: {
    title:
      'Zhang et al. (2021), Invertible Concept-based Explanations for CNN Models with Non-negative Concept Activation Vectors',
    url: 'https://arxiv.org/abs/2006.15417',
    departures: [
      'its variant with k-means as reducer; importance is the total Sobol index of masks on the codes instead of a directional derivative, and concepts are numbered by it',
      'directions are centres scaled to length 1, and the one code of a place that is not 0 is the length of its centre instead of 1: what they rebuild is the same',
      'of a layer of tokens the grid alone is learned from; class tokens stay as they are',
    ],
  },
  options,
  create: (asked, services) =>
    placeExtractor(asked, services, {
      title,
      learn({ activations, learnt }, told, { classIndex }) {
        const X = takeMatrixRows(activations, learnt);
        if (asked.concepts > X.rows) throw tooMany(asked.concepts, X.rows);
        let best: Clusters | undefined;
        for (let run = 0; run <= asked.restarts; run++) {
          services.signal.throwIfAborted();
          const found = lloyd(
            X,
            plusPlus(X, asked.concepts, randomStream(services.seed, 'k-means', classIndex, run)),
            asked,
          );
          if (!best || found.inertia < best.inertia) best = found;
          told((run + 1) / (asked.restarts + 1));
        }
        return dictionaryOf(best!); // there is a first search
      },
    }),
});

/** Centres as directions of length 1, the largest cluster first. */
export function dictionaryOf({ centres, labels, iterations, stop }: Clusters): Dictionary {
  const sizes = new Float64Array(centres.rows);
  for (const label of labels) sizes[label]!++;
  const order = [...sizes.keys()].sort((a, b) => sizes[b]! - sizes[a]! || a - b);
  const sorted = takeMatrixRows(centres, order);
  const { rows: rank, columns, data } = sorted;
  const lengths = order.map((_, k) => Math.hypot(...data.subarray(k * columns, (k + 1) * columns)));
  const directions = zeros(columns, rank);
  data.forEach((value, i) => {
    const [k, d] = [Math.floor(i / columns), i % columns];
    directions.data[d * rank + k] = lengths[k] === 0 ? 0 : value / lengths[k]!;
  });
  const encode = (rows: Matrix): Matrix => {
    const codes = zeros(rows.rows, rank);
    nearest(rows, sorted).labels.forEach((label, n) => {
      codes.data[n * rank + label] = lengths[label]!;
    });
    return codes;
  };
  return { directions, encode, iterations, stop };
}

function tooMany(concepts: number, rows: number): StudyError {
  return new StudyError(
    'core/options-invalid',
    `k-means finds at most as many concepts as there are rows to learn from: found ${concepts} \`concepts\` and ${rows} rows. ` +
      'Ask for fewer `concepts`, or give more images.',
  );
}
