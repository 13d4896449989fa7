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
import { type Network, networkModel, numericsWith, parametersBy } from '@espalier/nn';
import { headParameters, layerInitial } from '@espalier/nn/architectures';
import { drawnFrom } from '@espalier/numerics';
import { onnxFindings } from './onnx-findings.ts';
import { architectureOf, networkFor, type OnnxNetwork, readNetwork } from './onnx-network.ts';
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
    const parts = { ops: await engine.open(), compute: services.compute, network, spec, initial: layerInitial };
    return { found, parts };
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
  const drawn = new Set(head === 'new' ? headParameters(network) : []);
  return new Map(
    parametersBy(network, layerInitial).map(({ name, shape, initial }): [string, NdArray] => {
      const values = drawn.has(name)
        ? drawnFrom(initial, sizeOf(shape), randomStream(seed, 'initial-weights', name))
        : Float32Array.from(weights.get(name)!.values()); // lowering notes the weights of every parameter
      return [name, ndArray(axesOf(shape), shape, values)];
    }),
  );
}

/** The axes of a parameter, as safetensors files are read. */
function axesOf(shape: readonly number[]): string {
  return ['', 'o', 'o i', 'o i w', 'o i h w'][shape.length] ?? shape.map((_, axis) => `a${axis}`).join(' ');
}
