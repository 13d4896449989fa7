import { architecturePlugin, atLeast, smallDenseInitial, startOptions } from '@espalier/nn/architectures';
import * as z from 'zod';
import { type VggName, vgg } from './network.ts';

const options = z.strictObject({
  width: z
    .int()
    .min(1)
    .max(96) // the weights of wider ones are larger than what Node reads and writes at once, 2 GiB
    .default(64)
    .describe(
      'channels of the first group, at most 96; the later ones have 2, 4, 8 and 8 times as many, the dense layers 64 times',
    ),
  ...startOptions,
});

/** The plugin of one depth. */
export function vggPlugin(name: VggName) {
  return architecturePlugin({
    name,
    cacheVersion: '1',
    source: {
      title:
        'Simonyan and Zisserman (2014), Very deep convolutional networks for large-scale image recognition; layers as in torchvision',
      url: 'https://arxiv.org/abs/1409.1556',
      departures: ['no dropout between the dense layers in training', '`width` scales all channel counts'],
    },
    options,
    images: atLeast(32, 'A VGG'),
    network: ({ width }, made) => vgg(name, width, made),
    initial: smallDenseInitial,
  });
}
