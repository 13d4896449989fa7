import { createFrom, type Pruner, plainServices } from '@espalier/core';
import { expect } from 'vitest';
import { faultsOfMaps, faultsOfMasks } from './faults.ts';
import { cellsOf, nodeOf, pluginsOf, runSwaps, type Swaps } from './swapped-study.ts';

/** The networks that plugins are swapped on, narrow. */
export const networks = {
  'ResNet-18': { use: 'model-resnet/resnet18', with: { width: 4 } },
  MobileNetV2: { use: 'model-mobilenet/mobilenet-v2', with: { widthMultiplier: 0.1 } },
  ViT: { use: 'model-vit/vit-mini-8' },
};

export const networkNames = Object.keys(networks) as readonly (keyof typeof networks)[]; // the keys of the record above

const unguided = /^Expected a rule for every layer .* a rule is missing for .*\(softmax\), .*\(gelu\)/;
const signed = (layer: RegExp) => new RegExp(`^Values of the layer "${layer.source}" may be negative`);

/** What the plan refuses, by network and plugin: the reason begins so. */
export const refused: Readonly<Record<keyof typeof networks, Readonly<Record<string, RegExp>>>> = {
  'ResNet-18': {},
  // At 32 pixels the last layer is a single place.
  MobileNetV2: { 'explainer-cam/grad-cam-plus-plus': signed(/features\.\d+/) },
  ViT: {
    'explainer-cam/grad-cam-plus-plus': signed(/encoder\.layers\.encoder_layer_0/),
    'explainer-cam/guided-grad-cam': unguided,
    'explainer-guided-backprop/deconvnet': unguided,
    'explainer-guided-backprop/guided-backprop': unguided,
    'pruner-gradient/synflow':
      /^SynFlow needs a network that is linear .* Here, "encoder\.layers\.encoder_layer_0\.ln_1" \(layer-norm\) is not\./,
    'pruner-structured/batch-norm': /^Expected channels that can go and have a scale to rank them by;/,
  },
};

/** Plugins that are no method of their own. */
const aside: ReadonlySet<string> = new Set([
  'explainer-files/from-files', // maps that somebody else has made
]);

/**
 * Explainers that leave out what speaks against a class: in a layer of a network that has hardly been trained, that may be all there is. And that
 * weigh by its probability: such a network, pruned, has logits of which softmax leaves it none.
 */
const mayBeZero = [
  ...['grad-cam', 'grad-cam-plus-plus', 'guided-grad-cam'].map((name) => `explainer-cam/${name}`),
  ...['guided-backprop', 'deconvnet'].map((name) => `explainer-guided-backprop/${name}`),
  'explainer-rise/rise',
];

/** Options that differ from the defaults: fewer steps, so that all cells take seconds. */
const settings: Readonly<Record<string, object>> = {
  'explainer-ig/integrated-gradients': { steps: 6 },
  'explainer-occlusion/occlusion': { window: 0.5 },
  'explainer-rise/rise': { masks: 8 },
  'explainer-smoothgrad/smoothgrad': { samples: 4 },
  'explainer-smoothgrad/squaregrad': { samples: 4 },
  'explainer-smoothgrad/vargrad': { samples: 4 },
  'pruner-gradient/synflow': { iterations: 5 },
  // Over all kernels together it empties a head that has hardly been trained: then every map is zero, and rightly so.
  'pruner-magnitude/prune': { scope: 'layerwise' },
};
const level = 0.5;

const pruners = pluginsOf('pruner');

/** All pruners and explainers that there are, on one network. */
export function swapsOn(name: keyof typeof networks): Swaps {
  return {
    network: networks[name],
    pruners: new Map(
      [...pruners].map(([use, { options }]) => [
        use,
        { ...('sparsity' in options.shape && { sparsity: level }), ...settings[use] },
      ]),
    ),
    explainers: new Map(
      [...pluginsOf('explainer').keys()].filter((use) => !aside.has(use)).map((use) => [use, settings[use] ?? {}]),
    ),
  };
}

/** Those that the plan does not refuse. */
export function takenOn(name: keyof typeof networks): Swaps {
  const isTaken = ([use]: readonly [string, object]) => !(use in refused[name]);
  const { network, pruners: all, explainers } = swapsOn(name);
  return { network, pruners: new Map([...all].filter(isTaken)), explainers: new Map([...explainers].filter(isTaken)) };
}

/** Runs swaps, and expects that each cell was looked at, and that neither masks nor maps have faults. */
export async function expectNoFaults(swaps: Swaps): Promise<void> {
  const faults: Record<string, readonly string[]> = {};
  const levels = await levelsOf(swaps);
  const result = await runSwaps(swaps, {
    pruned: async (node, model) => {
      faults[node] = await faultsOfMasks(model, levels.get(node));
    },
    explained: (node, found) => {
      const isLeft = mayBeZero.some((use) => node.endsWith(`--${nodeOf(use)}`));
      faults[node] = faultsOfMaps(found).filter((fault) => !isLeft || !fault.endsWith('is zero everywhere'));
    },
  });
  expect([...result.failures]).toEqual([]);
  const nodes = [...cellsOf(swaps)].flatMap(([pruner, explainer]) => [nodeOf(pruner), nodeOf(pruner, explainer)]);
  expect(faults).toEqual(Object.fromEntries(nodes.map((node) => [node, []])));
}

/** The fraction that each pruner must remove, by its node; undefined of those whose level is only called so. */
async function levelsOf({ pruners: asked }: Swaps): Promise<ReadonlyMap<string, number | undefined>> {
  const found = new Map<string, number | undefined>();
  for (const [use, options] of asked) {
    const port = (await createFrom(pruners.get(use)!, options, plainServices())) as Pruner; // a plugin of this kind
    found.set(nodeOf(use), port.sparsityIs === 'nominal' ? undefined : port.sparsity);
  }
  return found;
}
