import { createHash } from 'node:crypto';
import { definePlugin, type Services } from '@espalier/core';
import { memoryOf } from './memory.ts';
import { type Architecture, resnet } from './network.ts';
import { type ResnetOptions, resnetOptions } from './resnet-options.ts';

/** The plugin of one depth. */
export function resnetPlugin(architecture: Architecture) {
  return definePlugin({
    kind: 'model',
    name: architecture,
    cacheVersion: '2',
    source: {
      title: 'He, Zhang, Ren and Sun (2015), Deep residual learning for image recognition; layers as in torchvision',
      url: 'https://arxiv.org/abs/1512.03385',
      departures: ['`width` scales all channel counts'],
    },
    options: resnetOptions,
    memory: ({ width }, use) => memoryOf(resnet(architecture, 1000, width), use),
    fingerprint: (parsed, services) => fingerprintOf(architecture, parsed, services),
    async create(parsed, services) {
      // Only who computes loads what computes: a plan knows a plugin by its name and options.
      const { resnetFactory } = await import('./resnet-factory.ts');
      return resnetFactory(architecture, parsed, services);
    },
  });
}

/** A digest of the weights, which are looked at before: what no network could start from is found before anything runs. */
async function fingerprintOf(
  architecture: Architecture,
  { width, weights: path }: ResnetOptions,
  services: Services,
): Promise<string> {
  if (path === null) return 'random';
  const { readWeightsFile, weightsIn } = await import('./weights-file.ts');
  const file = await readWeightsFile({ path, architecture, width }, services);
  weightsIn(file, { path, architecture, width }, () => {});
  return createHash('sha256').update(file).digest('hex');
}
