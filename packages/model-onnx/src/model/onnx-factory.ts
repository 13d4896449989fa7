import {
  type ModelFactory,
  type ModelSpec,
  type NdArray,
  ndArray,
  randomStream,
  type Services,
  StudyError,
  sizeOf,
  type Weights,
} from '@espalier/core';
import { chooseEngine } from '@espalier/engine';
import { type Network, networkModel, numericsWith, parametersOf } from '@espalier/nn';
import { drawnFrom, initialDistribution } from '@espalier/numerics';
import { onnxFindings } from './onnx-findings.ts';
import { architectureOf, headIn, networkFor, type OnnxNetwork, readNetwork } from './onnx-network.ts';
import type { OnnxOptions } from './onnx-options.ts';

/** Makes models of a file's network on the engine that `services` chooses. */
export async function onnxFactory(options: OnnxOptions, services: Services): Promise<ModelFactory> {
  const engine = await chooseEngine(services.compute);
  const partsFor = async (asked: ModelSpec) => {
    const { height, width, channels } = asked.input;
    const [finding] = onnxFindings(options, {
      folder: services.folder,
      images: { height, width, classes: asked.classes },
    });
    if (finding || channels !== 3)
      throw new StudyError(
        'core/not-supported',
        finding?.text ?? `Networks of ONNX files take RGB images; found ${channels} channels.`,
      );
    const found = readNetwork(options, services.folder, { height, width });
    const network = networkFor(found, options, asked.classes.length);
    const spec = { ...asked, input: { ...asked.input, mean: options.mean, std: options.std } };
    return { found, parts: { ops: await engine.open(), compute: services.compute, network, spec } };
  };
  return {
    architecture: architectureOf(options),
    numerics: async () => numericsWith(engine, services.compute),
    async create(spec, seed) {
      const { found, parts } = await partsFor(spec);
      const weights = startOf(found, parts.network, options, seed);
      return networkModel({ ...parts, weights, masks: new Map(), history: [] });
    },
    async restore(spec, state) {
      const { parts } = await partsFor(spec);
      return networkModel({ ...parts, ...state });
    },
  };
}

/** The file's weights; those of a new head are drawn as PyTorch draws a dense layer's. */
export function startOf(
  { weights }: OnnxNetwork,
  network: Network,
  { head }: Pick<OnnxOptions, 'head'>,
  seed: number,
): Weights {
  const { names, inputs } = head === 'new' ? headIn(network) : { names: new Set<string>(), inputs: 0 };
  return new Map(
    parametersOf(network).map((parameter): [string, NdArray] => {
      const { name, shape } = parameter;
      const isNew = names.has(name);
      const values = isNew
        ? drawnFrom(initialDistribution(parameter, inputs), sizeOf(shape), randomStream(seed, 'initial-weights', name))
        : Float32Array.from(weights.get(name)!.values()); // lowering notes the weights of every parameter
      return [name, ndArray(axesOf(shape), shape, values)];
    }),
  );
}

/** The axes of a parameter, as safetensors files are read. */
function axesOf(shape: readonly number[]): string {
  return ['', 'o', 'o i', 'o i w', 'o i h w'][shape.length] ?? shape.map((_, axis) => `a${axis}`).join(' ');
}
