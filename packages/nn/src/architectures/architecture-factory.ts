import {
  type ModelFactory,
  type ModelSpec,
  type ParameterInfo,
  type Services,
  StudyError,
  type Weights,
} from '@espalier/core';
import { chooseEngine } from '@espalier/engine';
import { parametersOf } from '../graph/parameters.ts';
import { networkModel } from '../model/network-model.ts';
import { numericsWith } from '../model/numerics-with.ts';
import type { Architecture } from './architecture.ts';
import { initialWeights } from './initial-weights.ts';
import type { StartOptions } from './start-options.ts';
import { readWeightsFile } from './weights-file.ts';
import { weightsIn } from './weights-in.ts';

/** Makes networks of one architecture on the engine that `services` chooses. */
export async function architectureFactory<Options extends StartOptions>(
  architecture: Architecture<Options>,
  options: Options,
  services: Services,
): Promise<ModelFactory> {
  const engine = await chooseEngine(services.compute);
  const partsFor = async (spec: ModelSpec) => {
    checkImages(architecture, spec);
    const { height, width } = spec.input;
    const network = architecture.network(options, { height, width, classes: spec.classes.length });
    return { ops: await engine.open(), compute: services.compute, network, spec, initial: architecture.initial };
  };
  return {
    architecture: architecture.name,
    numerics: async () => numericsWith(engine, services.compute),
    async create(spec, seed) {
      const parts = await partsFor(spec);
      const weights = await startOf({ architecture, options, services, spec }, parametersOf(parts.network), seed);
      return networkModel({ ...parts, weights, masks: new Map(), history: [] });
    },
    async restore(spec, state) {
      return networkModel({ ...(await partsFor(spec)), ...state });
    },
  };
}

interface Start<Options extends StartOptions> {
  readonly architecture: Architecture<Options>;
  readonly options: Options;
  readonly services: Services;
  readonly spec: ModelSpec;
}

/** Weights of the file, and random ones for what it does not give. */
async function startOf<Options extends StartOptions>(
  { architecture, options, services, spec }: Start<Options>,
  parameters: readonly ParameterInfo[],
  seed: number,
): Promise<Weights> {
  if (options.weights === null) return initialWeights(parameters, architecture.initial, seed);
  const path = options.weights;
  const bytes = await readWeightsFile(path, architecture, options, services);
  const { height, width } = spec.input;
  const made = { height, width, classes: spec.classes.length };
  const read = weightsIn({ path, bytes, architecture, options, log: services.log }, made);
  const missing = parameters.filter(({ name }) => !read.has(name));
  return new Map([...read, ...initialWeights(missing, architecture.initial, seed)]);
}

function checkImages({ images }: Pick<Architecture<never>, 'images'>, { input }: ModelSpec): void {
  const { height, width, channels } = input;
  if (images.fit(height, width) && channels === 3) return;
  throw new StudyError(
    'core/not-supported',
    `${images.family} takes RGB ${images.which}; found ${height} x ${width} with ${channels} channels. ${images.advice}`,
  );
}
