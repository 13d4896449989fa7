import type { Model } from '@espalier/core';
import type { Similarity } from './comparison.ts';
import { type LayerGroup, layerGroups } from './layer-groups.ts';
import type { MprtOptions } from './mprt-options.ts';
import { initialDistribution, permutation, type Randomise, torchReset } from './random-parameters.ts';

/** What is done: a preset's choices and the study's changes to them put together. */
export interface MprtChoices {
  /** The preset, with what was changed about it. */
  readonly name: string;
  readonly similarities: readonly Similarity[];
  /** Whether maps are compared as Quantus does, and the unchanged model counts in the mean over the layers. */
  readonly asQuantus: boolean;
  /** In the order of the network. */
  readonly layersOf: (model: Model) => readonly LayerGroup[];
  readonly randomise: (draw: number) => Randomise;
}

const presets = {
  corrected: { depth: 1, similarities: ['rank', 'signed-rank'], seed: 0, normalisation: 'joins' },
  'quantus-0.5.3': { depth: null, similarities: ['rank'], seed: 42, normalisation: 'alone' },
} as const;

export function mprtChoices(options: MprtOptions): MprtChoices {
  const standard = presets[options.preset];
  const depth = options.depth === undefined ? standard.depth : options.depth;
  const seed = options.seed ?? standard.seed;
  const asQuantus = options.preset === 'quantus-0.5.3';
  return {
    name: presetName(options),
    similarities: options.similarities ?? standard.similarities,
    asQuantus,
    layersOf: (model) => layerGroups(model.parameters, depth, standard.normalisation),
    randomise: (draw) => {
      if (options.weights === 'permuted') return permutation(seed + draw);
      // Quantus seeds PyTorch with one more than its own seed.
      return asQuantus && !options.weights ? torchReset(seed + draw + 1) : initialDistribution(seed + draw);
    },
  };
}

function presetName({ preset, depth, weights, average, draws, seed }: MprtOptions): string {
  const changes = [
    ...(depth === undefined ? [] : [`depth=${depth}`]),
    ...(weights === undefined ? [] : [`weights=${weights}`]),
    ...(average === 'layers' ? [] : [`average=${average}`]),
    ...(draws === 1 ? [] : [`draws=${draws}`]),
    ...(seed === undefined ? [] : [`seed=${seed}`]),
  ];
  return changes.length === 0 ? preset : `${preset} (${changes.join(', ')})`;
}
