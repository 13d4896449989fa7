import { architecturePlugin, atLeast, smallDenseInitial, startOptions } from '@espalier/nn/architectures';
import * as z from 'zod';
import { mobilenetV2Network } from './network.ts';

const options = z.strictObject({
  widthMultiplier: z
    .number()
    .min(0.05)
    .max(8)
    .default(1)
    .describe(
      'factor of all channel counts, in [0.05, 8], which are rounded to multiples of 8 as in torchvision (`width_mult`)',
    ),
  ...startOptions,
});

/**
 * MobileNetV2, with or without weights.
 * @example "network": { "use": "mobilenet/mobilenet-v2", "in": { "data": { "$from": "data.train" } } }
 */
export const mobilenetV2 = architecturePlugin({
  name: 'mobilenet-v2',
  cacheVersion: '1',
  source: {
    title: 'Sandler et al. (2018), MobileNetV2: inverted residuals and linear bottlenecks; layers as in torchvision',
    url: 'https://arxiv.org/abs/1801.04381',
    departures: ['no dropout before the dense layer in training'],
  },
  options,
  images: atLeast(32, 'A MobileNetV2'),
  network: ({ widthMultiplier }, made) => mobilenetV2Network(widthMultiplier, made),
  initial: smallDenseInitial,
});
