import {
  type ModelFactory,
  type ModelSpec,
  type ParameterInfo,
  type Services,
  StudyError,
  type Weights,
} from '@espalier/core';
import { chooseEngine } from '@espalier/engine';
import { networkModel, numericsWith, parametersOf } from '@espalier/nn';
import { initialWeights } from './initial-weights.ts';
import { type Architecture, resnet } from './network.ts';
import type { ResnetOptions } from './resnet-options.ts';
import { readWeightsFile, weightsIn } from './weights-file.ts';

/** Makes networks of one depth on the engine that `services` chooses. */
export async function resnetFactory(
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
  const weightsFor = async (
    parameters: readonly ParameterInfo[],
    { classes }: ModelSpec,
    seed: number,
  ): Promise<Weights> => {
    if (path === null) return initialWeights(parameters, seed);
    const file = { path, architecture, width };
    return weightsIn(await readWeightsFile(file, services), file, services.log, classes.length);
  };
  return {
    architecture,
    numerics: async () => numericsWith(engine, services.compute),
    async create(spec, seed) {
      const parts = await partsFor(spec);
      const weights = await weightsFor(parametersOf(parts.network), spec, seed);
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
    'core/not-supported',
    `A ResNet takes RGB images of at least 32 x 32 pixels; found ${height} x ${width} with ${channels} channels. Choose a larger size in the dataset's options.`,
  );
}
