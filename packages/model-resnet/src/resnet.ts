import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { definePlugin, type OptionFinding, type PlanKnowledge, type Services } from '@espalier/core';
import { shownPath } from '@espalier/files';
import { memoryOf, outlineOf } from '@espalier/nn';
import { type Architecture, resnet } from './network.ts';
import { type ResnetOptions, resnetOptions } from './resnet-options.ts';

// Below it the fifth halving leaves less than one place.
const leastSide = 32;

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
    check: ({ weights }, known) => [...sizeFindings(known), ...weightsFindings(weights, known)],
    drawsNothing: ({ weights }) => weights !== null,
    modelOutline: ({ width }, images) =>
      outlineOf(resnet(architecture, 1000, width), { height: images?.height ?? 224, width: images?.width ?? 224 }),
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

function sizeFindings({ images }: PlanKnowledge): readonly OptionFinding[] {
  if (!images || (images.height >= leastSide && images.width >= leastSide)) return [];
  const text = `A ResNet takes images of at least ${leastSide} x ${leastSide} pixels; found ${images.height} x ${images.width}. Choose a larger size in the dataset's options.`;
  return [{ path: [], text }];
}

/** What the file holds is read when it is needed; that there is none is told before. */
function weightsFindings(weights: string | null, { folder }: PlanKnowledge): readonly OptionFinding[] {
  if (weights === null) return [];
  const path = resolve(folder, weights);
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return [];
  const text = `Expected a safetensors file of weights at ${shownPath(path)}; found none. A relative path starts at the study's folder.`;
  return [{ path: ['weights'], text }];
}
