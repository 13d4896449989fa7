import {
  definePlugin,
  emptiedKernels,
  kernelLayout,
  levelled,
  type ParameterInfo,
  type PrunableKernel,
  pruneOptions,
  removals,
} from '@espalier/core';
import { evenShares, selectSmallest } from '@espalier/numerics';
import * as z from 'zod';
import { declared, wandaScores } from './scores.ts';

const options = pruneOptions.extend({
  scope: z
    .enum(['row', 'layerwise', 'global'])
    .default('row')
    .describe(
      'weights that are compared: those of one output, of one kernel, or all; counts are over each kernel, or over all',
    ),
});

/**
 * Removes, for each output, the weights of smallest |w| x, with x the root mean square of what a weight is multiplied with.
 * @example "prune": { "use": "wanda/prune", "with": { "sparsity": 0.5 }, "in": { "model": …, "data": { "$from": "data.train" } } }
 */
export const wanda = definePlugin({
  ...levelled,
  ...declared,
  name: 'prune',
  title: 'Wanda',
  cacheVersion: '1',
  source: {
    title: 'Sun et al. (2024), A Simple and Effective Pruning Approach for Large Language Models',
    url: 'https://arxiv.org/abs/2306.11695',
    departures: [
      'convolutions, too: each output channel is a row, and inputs are the values under each place of the kernel, borders counting as zeros',
      'a kernel loses round(sparsity x weights), halves to even, shared evenly by its rows, where the authors’ code rounds every row down',
      'all kernels see the inputs of the model as it was, where the authors’ code prunes block after block and hands on what the pruned blocks give',
      'kernels of the head are pruned unless `exclude` names them',
    ],
  },
  options,
  create: (asked, { log }) => ({
    sparsity: asked.sparsity,
    async mask(model, context) {
      const scope = asked.scope === 'global' ? 'global' : 'layerwise';
      const whole = await removals(model, { ...asked, scope });
      const scoresOf = await wandaScores(model, context);
      const infos = new Map(model.parameters.map((parameter) => [parameter.name, parameter]));
      const masks = new Map(
        whole.flatMap(({ kernels, count }) => {
          const scores = kernels.map(({ name, values }) => scoresOf(name, values));
          const selected =
            asked.scope === 'row'
              ? [smallestOfRows(infos.get(kernels[0]!.name)!, kernels[0]!, scores[0]!, count)]
              : selectSmallest(scores, keptOf(kernels), count);
          return kernels.map(({ name }, k) => [name, selected[k]!] as const);
        }),
      );
      for (const name of emptiedKernels(masks)) log(`${name} loses all its weights at sparsity ${asked.sparsity}`);
      return masks;
    },
  }),
});

function keptOf(kernels: readonly PrunableKernel[]): readonly Uint8Array[] {
  return kernels.map(({ kept }) => kept);
}

/** `count` more weights go from the kernel, of every output as many as of the others, and of each those of smallest score. */
function smallestOfRows(
  info: ParameterInfo,
  { kept }: PrunableKernel,
  scores: Float32Array,
  count: number,
): Uint8Array {
  const { outputs, perOutput, at } = kernelLayout(info);
  const row = (output: number) => Array.from({ length: perOutput }, (_, j) => at(output, j));
  const rows = Array.from({ length: outputs }, (_, output) => row(output));
  const present = rows.map((places) => places.reduce((sum, place) => sum + 1 - kept[place]!, 0));
  const gone = present.reduce((sum, own) => sum + own, 0);
  const shares = evenShares(gone + count, perOutput, present);
  const mask = kept.slice();
  for (const [output, places] of rows.entries()) {
    const own = Float32Array.from(places, (place) => scores[place]!);
    const before = Uint8Array.from(places, (place) => kept[place]!);
    const [after] = selectSmallest([own], [before], shares[output]! - present[output]!);
    for (const [j, place] of places.entries()) mask[place] = after![j]!;
  }
  return mask;
}
