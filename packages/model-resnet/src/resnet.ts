import { createHash } from 'node:crypto';
import { definePlugin } from '@espalier/core';
import type { Architecture } from './network.ts';
import { resnetOptions } from './resnet-options.ts';
import { readWeightsFile } from './weights-file.ts';

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
    fingerprint: async ({ weights }, services) =>
      weights === null ? 'random' : sha256(await readWeightsFile(weights, services)),
    async create(parsed, services) {
      // Only who computes loads what computes: a plan knows a plugin by its name and options.
      const { resnetFactory } = await import('./resnet-factory.ts');
      return resnetFactory(architecture, parsed, services);
    },
  });
}

function sha256(file: Uint8Array): string {
  return createHash('sha256').update(file).digest('hex');
}
