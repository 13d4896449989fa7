import { defineMetric, type Measurement, proveSparsity, type ScoreWords } from '@espalier/core';
import * as z from 'zod';

/**
 * Fraction of zeros, counted from the weights the model evaluates with: `kernel-sparsity` per kernel and, last, over
 * all kernels; `parameter-sparsity` over all trained parameters (kernels, biases, scales and shifts).
 * @example "scores": { "use": "metrics/sparsity", "in": { "model": … } }
 */
export const sparsity = defineMetric({
  name: 'sparsity',
  cacheVersion: '2',
  usesSeed: false,
  source: {
    title: 'Blalock et al. (2020), What is the State of Neural Network Pruning?',
    url: 'https://arxiv.org/abs/2003.03033',
    departures: ['zeros are counted in the evaluated weights, not taken from masks', 'both denominators are reported'],
  },
  options: z.strictObject({}),
  inputs: ['model'],
  create: () => ({
    async measure({ model }) {
      const proof = await proveSparsity(model);
      const kernels = proof.kernels.map(({ name, total, nonzero }) => ({ name, value: 1 - nonzero / total }));
      return [
        scores('kernel-sparsity', words('Kernel sparsity', 'Share of zeros among the kernel weights, as evaluated.'), [
          ...kernels,
          { name: 'all kernels', value: proof.kernelSparsity },
        ]),
        scores(
          'parameter-sparsity',
          words('Parameter sparsity', 'Share of zeros among all trained parameters, as evaluated.'),
          [{ name: 'all parameters', value: proof.parameterSparsity }],
        ),
      ];
    },
  }),
});

function words(name: string, meaning: string): ScoreWords {
  return { name, meaning, unit: '%' };
}

function scores(metric: string, said: ScoreWords, counts: readonly { name: string; value: number }[]): Measurement {
  return {
    metric,
    words: said,
    aspect: 'sparsity',
    role: 'primary',
    direction: 'neither',
    range: [0, 1],
    sample: 'parameter',
    ids: counts.map(({ name }) => name),
    values: counts.map(({ value }) => value),
    summary: 'last',
  };
}
