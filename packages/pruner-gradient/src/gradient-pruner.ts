import {
  emptiedKernels,
  imagesIn,
  levelled,
  type Masks,
  type Model,
  type ModelNeeds,
  type Passes,
  type PlanKnowledge,
  type PruneContext,
  type PruneOptions,
  type Pruner,
  removals,
  rows,
  type Services,
  type TrainingSample,
  trainingSample,
} from '@espalier/core';
import { selectSmallest } from '@espalier/numerics';

/** What every plugin of the family declares. */
export const declared = {
  ...levelled,
  kind: 'pruner',
  needs: (): ModelNeeds => ({ abilities: ['parameterGradient'] }),
  needsData: true,
  passes: (_: PruneOptions, { images }: PlanKnowledge): Passes | undefined => {
    const gradient = imagesIn(images);
    return gradient === undefined ? undefined : { gradient };
  },
} as const;

/** How the family differs. */
interface Method {
  readonly title: string;
  /** Images of one gradient; all of them if absent. */
  readonly batchSize?: number;
}

/** Removes the weights of smallest saliency: the root mean square, over batches of the sample, of weight x gradient. */
export function gradientPruner(asked: PruneOptions, { log }: Services, method: Method): Pruner {
  return {
    sparsity: asked.sparsity,
    async mask(model, context) {
      const masks = await leastSalient(model, context, asked, method);
      for (const name of emptiedKernels(masks)) log(`${name} loses all its weights at sparsity ${asked.sparsity}`);
      return masks;
    },
  };
}

async function leastSalient(model: Model, context: PruneContext, asked: PruneOptions, method: Method): Promise<Masks> {
  const whole = await removals(model, asked);
  const squares = await meanSquares(
    model,
    await trainingSample(context, `${method.title} ranks weights by gradients on labelled training images`),
    method.batchSize,
  );
  const masks = whole.flatMap(({ kernels, count }) => {
    // The root changes no order, and squares may be too small for float32.
    const saliencies = kernels.map(({ name, values }) =>
      values.map((value, i) => Math.abs(value) * Math.sqrt(squares.get(name)![i]!)),
    );
    const kept = kernels.map((kernel) => kernel.kept);
    const selected = selectSmallest(saliencies, kept, count);
    return kernels.map(({ name }, k) => [name, selected[k]!] as const);
  });
  return new Map(masks);
}

/** Means over batches of each slope's square, by parameter. */
async function meanSquares(
  model: Model,
  { images, labels }: TrainingSample,
  batchSize = labels.length,
): Promise<ReadonlyMap<string, Float64Array>> {
  const sums = new Map<string, Float64Array>();
  const batches = Math.ceil(labels.length / batchSize);
  for (let start = 0; start < labels.length; start += batchSize) {
    const end = Math.min(start + batchSize, labels.length);
    const slopes = await model.parameterGradient(rows(images, start, end), labels.slice(start, end));
    for (const [name, { data }] of slopes) {
      const sum = sums.get(name) ?? new Float64Array(data.length);
      for (let i = 0; i < data.length; i++) sum[i]! += data[i]! ** 2 / batches;
      sums.set(name, sum);
    }
  }
  return sums;
}
