import { defineMetric, type Measurement, type ScoreWords } from '@espalier/core';
import { quantile } from '@espalier/numerics';
import * as z from 'zod';
import { ofNetwork } from './of-network.ts';
import { timedInTurns } from './timed-in-turns.ts';

/**
 * Images per second of the network as it is stored, which multiplies removed weights too, and of the compacted one: predicted in turns, the
 * median of all rounds. A clock says it, so another run gives other numbers, and a study that has it other files.
 * @example "scores": { "use": "metrics/speed", "in": { "model": …, "images": … } }
 */
export const speed = defineMetric({
  name: 'speed',
  cacheVersion: '1',
  usesSeed: false,
  source: {
    title: 'Blalock et al. (2020), What is the State of Neural Network Pruning?',
    url: 'https://arxiv.org/abs/2003.03033',
    departures: ['both networks in turns and the median of the rounds, since other work may run on the machine'],
  },
  options: z.strictObject({
    images: z.int().min(1).max(1024).default(16).describe('images that are predicted at once, the first of the split'),
    rounds: z.int().min(1).max(1001).default(9).describe('how often each network predicts them'),
  }),
  inputs: ['model', 'images'],
  needs: () => ({ abilities: ['compacted'] }),
  create: ({ images: most, rounds }) => ({
    async measure({ model, images }) {
      using compacted = await model.compacted();
      const batch = await images.images([...images.ids.keys()].slice(0, most));
      const times = await timedInTurns([() => model.predict(batch), () => compacted.predict(batch)], rounds);
      const perSecond = (ms: number) => (1000 * batch.shape[0]!) / ms;
      const medianOf = (value: (round: readonly number[]) => number) => quantile(Float32Array.from(times, value), 0.5);
      return [
        timing(
          'stored',
          medianOf(([stored]) => perSecond(stored!)),
          {
            name: 'Speed, as stored',
            meaning: 'Images predicted per second by the network as it is stored, on the machine that measured it.',
            unit: 'images/s',
          },
        ),
        timing(
          'compacted',
          medianOf(([, smaller]) => perSecond(smaller!)),
          {
            name: 'Speed, compacted',
            meaning: 'The same of the network without the channels that masks remove whole.',
            unit: 'images/s',
          },
        ),
        timing(
          'gain',
          medianOf(([stored, smaller]) => stored! / smaller!),
          {
            name: 'Speed, gain',
            meaning: 'How many times as fast the compacted network is, round by round.',
            unit: '×',
          },
        ),
      ];
    },
  }),
});

function timing(metric: string, value: number, words: ScoreWords): Measurement {
  return { ...ofNetwork(metric, value), words, role: 'primary', isTiming: true, direction: 'higher-is-better' };
}
