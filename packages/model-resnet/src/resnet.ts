import { architecturePlugin, atLeast, startOptions, usualInitial } from '@espalier/nn/architectures';
import * as z from 'zod';
import { type ResnetName, resnet } from './network.ts';

/** @param most the weights of wider ones are larger than what Node reads and writes at once, 2 GiB */
function optionsUpTo(most: number) {
  const width = z
    .int()
    .min(1)
    .max(most)
    .default(64)
    .describe(`channels of the first group, at most ${most}; the later ones have 2, 4 and 8 times as many`);
  return z.strictObject({ width, ...startOptions });
}

/** The plugin of one depth. */
export function resnetPlugin(name: ResnetName) {
  return architecturePlugin({
    name,
    cacheVersion: '2',
    source: {
      title: 'He, Zhang, Ren and Sun (2015), Deep residual learning for image recognition; layers as in torchvision',
      url: 'https://arxiv.org/abs/1512.03385',
      departures: ['`width` scales all channel counts'],
    },
    options: optionsUpTo(name === 'resnet18' || name === 'resnet34' ? 256 : 192),
    images: atLeast(32, 'A ResNet'),
    network: ({ width }, made) => resnet(name, width, made),
    initial: usualInitial,
  });
}
