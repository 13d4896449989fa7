import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  definePlugin,
  type ModelFactory,
  type ModelSpec,
  readSafetensors,
  type Services,
  StudyError,
  type Weights,
} from '@espalier/core';
import { chooseEngine, networkModel, numericsWith, parametersOf } from '@espalier/model-tfjs';
import * as z from 'zod';
import { initialWeights } from './initial-weights.ts';
import { type Architecture, resnet } from './network.ts';

const options = z.strictObject({
  width: z
    .int()
    .min(1)
    .default(64)
    .describe('channels of the first group; the later ones have 2, 4 and 8 times as many'),
  weights: z
    .string()
    .nullable()
    .default(null)
    .describe('safetensors file with torchvision names to start from, relative to the study; null starts from random'),
});

type ResnetOptions = z.output<typeof options>;

/** The plugin of one depth. */
export function resnetPlugin(architecture: Architecture) {
  return definePlugin({
    kind: 'model',
    name: architecture,
    cacheVersion: '1',
    source: {
      title: 'He, Zhang, Ren and Sun (2015), Deep residual learning for image recognition; layers as in torchvision',
      url: 'https://arxiv.org/abs/1512.03385',
      departures: ['`width` scales all channel counts'],
    },
    options,
    fingerprint: async ({ weights }, services) => (weights === null ? 'random' : sha256(await read(weights, services))),
    create: (parsed, services) => createResnet(architecture, parsed, services),
  });
}

async function createResnet(
  architecture: Architecture,
  { width, weights: path }: ResnetOptions,
  services: Services,
): Promise<ModelFactory> {
  const engine = await chooseEngine(services.compute);
  const partsFor = async (spec: ModelSpec) => {
    checkSize(spec);
    const network = resnet(architecture, spec.classes.length, width);
    return { ops: await engine.open(), compute: services.compute, network, spec };
  };
  return {
    architecture,
    numerics: async () => numericsWith(engine, services.compute),
    async create(spec, seed) {
      const parts = await partsFor(spec);
      const weights = path === null ? initialWeights(parametersOf(parts.network), seed) : await load(path, services);
      return networkModel({ ...parts, weights, masks: new Map(), history: [] });
    },
    async restore(spec, state) {
      return networkModel({ ...(await partsFor(spec)), ...state });
    },
  };
}

/** Below 32 pixels the fifth halving leaves less than one place. */
function checkSize({ input: { height, width, channels } }: ModelSpec): void {
  if (height >= 32 && width >= 32 && channels === 3) return;
  throw new StudyError(
    'not-supported',
    `A ResNet takes RGB images of at least 32 x 32 pixels; found ${height} x ${width} with ${channels} channels. Choose a larger size in the dataset's options.`,
  );
}

async function load(path: string, services: Services): Promise<Weights> {
  return readSafetensors(await read(path, services), path).tensors;
}

async function read(path: string, { folder }: Services): Promise<Uint8Array> {
  const found = resolve(folder, path);
  try {
    return await readFile(found);
  } catch (cause) {
    throw new StudyError(
      'data-missing',
      `The option "weights" names the file ${path}, which cannot be read (looked at ${found}). Give a path relative to the study file.`,
      { cause },
    );
  }
}

function sha256(file: Uint8Array): string {
  return createHash('sha256').update(file).digest('hex');
}
