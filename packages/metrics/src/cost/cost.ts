import { defineMetric, type Measurement } from '@espalier/core';
import * as z from 'zod';
import { costOf, costOfNonzero, type NetworkCost } from './network-cost.ts';
import { ofNetwork } from './of-network.ts';

/**
 * Parameters and multiply-accumulates for one image: of the network as it is stored, of the weights that are not zero, and of the compacted
 * network, from which channels are gone that masks removed whole.
 * @example "scores": { "use": "metrics/cost", "in": { "model": … } }
 */
export const cost = defineMetric({
  name: 'cost',
  cacheVersion: '1',
  usesSeed: false,
  source: {
    title: 'Blalock et al. (2020), What is the State of Neural Network Pruning?',
    url: 'https://arxiv.org/abs/2003.03033',
    departures: ['of the compacted network, too: what an engine gains that computes with zeros as with other numbers'],
  },
  options: z.strictObject({}),
  inputs: ['model'],
  needs: () => ({ abilities: ['compacted', 'multiplyAccumulates'] }),
  create: () => ({
    async measure({ model }) {
      using compacted = await model.compacted();
      const [stored, nonzero, smaller] = [costOf(model), await costOfNonzero(model), costOf(compacted)];
      return [
        ...scoresOf('', 'as stored', 'of the network as it is stored, removed ones included', stored),
        ...scoresOf('-compacted', 'compacted', 'of the network without the channels that masks remove whole', smaller),
        ...scoresOf('-nonzero', 'not zero', 'with weights that are not zero', nonzero),
      ];
    },
  }),
});

/** The two scores of one way to count: before and after compacting stand beside each other, what no engine here gains is read beside them. */
function scoresOf(suffix: string, name: string, meaning: string, cost: NetworkCost): readonly Measurement[] {
  const common = { role: suffix === '-nonzero' ? 'companion' : 'primary', direction: 'lower-is-better' } as const;
  return [
    {
      ...ofNetwork(`parameter-count${suffix}`, cost.parameters),
      ...common,
      words: { name: `Parameters, ${name}`, meaning: `Trained parameters ${meaning}.` },
    },
    {
      ...ofNetwork(`multiply-accumulates${suffix}`, cost.multiplyAccumulates),
      ...common,
      words: { name: `Multiply-accumulates, ${name}`, meaning: `Products within sums for one image, ${meaning}.` },
    },
  ];
}
