import {
  definePlugin,
  emptiedKernels,
  levelFindings,
  levelled,
  type Masks,
  type OperationKind,
  type OptionFinding,
  type PlanKnowledge,
  pruneOptions,
  type Removal,
  removals,
  roundHalfEven,
} from '@espalier/core';
import { selectSmallest } from '@espalier/numerics';
import * as z from 'zod';
import { synapticFlow, unfitText } from './synaptic-flow.ts';

const options = pruneOptions.extend({
  iterations: z
    .int()
    .min(1)
    .max(1000)
    .default(100)
    .describe('times that the flow is computed anew; each keeps the same fraction of what the one before left'),
});

/**
 * Removes the weights that the least flow goes through, of the network of absolute weights for an image of ones: no images, no labels.
 * @example "prune": { "use": "gradient/synflow", "with": { "sparsity": 0.9 }, "in": { "model": { "$from": "network.model" } } }
 */
export const synflow = definePlugin({
  ...levelled,
  kind: 'pruner',
  name: 'synflow',
  title: 'SynFlow',
  cacheVersion: '1',
  source: {
    title: 'Tanaka et al. (2020), Pruning neural networks without any data by iteratively conserving synaptic flow',
    url: 'https://arxiv.org/abs/2006.05467',
    departures: [
      'counts are exact: round(sparsity x weights), halves to even, where a threshold would keep or remove every tie',
      'running means are 0, where the authors’ code subtracts their absolute values, which lets values below 0 flow on',
      'image and offsets are scaled down together, which changes no order, so that values are float32 and below the bounds of clips such as ReLU6',
      'biases are never pruned; iterations go on from what is removed already',
    ],
  },
  options,
  check: (asked, known) => [...levelFindings(asked, known), ...shapeFindings(known)],
  needs: () => ({ abilities: ['withWeights', 'withNormalisation', 'parameterGradient'] }),
  drawsNothing: () => true,
  create: (asked, { log, progress, signal }) => ({
    sparsity: asked.sparsity,
    async mask(model) {
      const whole = await removals(model, asked);
      const flowOf = synapticFlow(model, await model.weights());
      let masks: Masks = new Map(whole.flatMap(({ kernels }) => kernels.map(({ name, kept }) => [name, kept])));
      for (let step = 1; step <= asked.iterations; step++) {
        signal.throwIfAborted();
        const flow = await flowOf(masks);
        masks = new Map(whole.flatMap((removal) => afterStep(removal, masks, flow, step / asked.iterations)));
        progress({ done: step, total: asked.iterations, unit: 'iterations' });
      }
      for (const name of emptiedKernels(masks)) log(`${name} loses all its weights at sparsity ${asked.sparsity}`);
      return masks;
    },
  }),
});

// Values are scaled down until gates and smooth activations are linear, too; these never are.
const bends: ReadonlySet<OperationKind> = new Set(['layer-norm', 'softmax', 'matrix-product']);

function shapeFindings({ model }: Pick<PlanKnowledge, 'model'>): readonly OptionFinding[] {
  const found = model?.operations?.find(({ kind }) => bends.has(kind));
  return found ? [{ path: [], text: unfitText(`"${found.name}" (${found.kind}) is not`) }] : [];
}

/** Masks when `part` of the iterations are done: what is left shrinks by the same factor in each. */
function afterStep(
  { kernels, count }: Removal,
  before: Masks,
  flow: ReadonlyMap<string, Float32Array>,
  part: number,
): readonly (readonly [string, Uint8Array])[] {
  const start = kernels.reduce((sum, { kept }) => sum + ones(kept), 0);
  const left = roundHalfEven(start * (1 - count / Math.max(1, start)) ** part);
  const masks = kernels.map(({ name }) => before.get(name)!);
  const present = masks.reduce((sum, mask) => sum + ones(mask), 0);
  const scores = kernels.map(({ name }) => flow.get(name)!);
  const selected = selectSmallest(scores, masks, present - left);
  return kernels.map(({ name }, k) => [name, selected[k]!]);
}

function ones(mask: Uint8Array): number {
  let sum = 0;
  for (const keep of mask) sum += keep;
  return sum;
}
