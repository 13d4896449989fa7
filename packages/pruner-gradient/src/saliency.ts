import {
  type Masks,
  type Model,
  type PruneContext,
  type PruneOptions,
  removals,
  rows,
  StudyError,
} from '@espalier/core';
import { selectSmallest } from '@espalier/numerics';

/** How the family differs: what it is called, and how many images share a gradient. */
interface Method {
  readonly title: string;
  /** Images of one gradient; all of them if absent. */
  readonly batchSize?: number;
}

/**
 * Masks that remove the weights of smallest saliency: the root mean square, over batches of the sample, of weight x gradient.
 *
 * @throws StudyError `pruner-gradient/images-missing`; those of `removals`
 */
export async function leastSalient(
  model: Model,
  { sample }: PruneContext,
  asked: PruneOptions,
  method: Method,
): Promise<Masks> {
  const whole = await removals(model, asked);
  const slopes = await meanSquares(model, await sampleOf(sample, method), method.batchSize);
  const masks = whole.flatMap(({ kernels, count }) => {
    const saliencies = kernels.map(({ name, values }) => {
      const squares = slopes.get(name)!;
      // The root keeps the order, and what float32 could not hold of squares.
      return values.map((value, i) => Math.abs(value) * Math.sqrt(squares[i]!));
    });
    const kept = kernels.map((kernel) => kernel.kept);
    const selected = selectSmallest(saliencies, kept, count);
    return kernels.map(({ name }, k) => [name, selected[k]!] as const);
  });
  return new Map(masks);
}

type Sample = Awaited<ReturnType<NonNullable<PruneContext['sample']>>>;

/** Means over batches of each slope's square, by parameter. */
async function meanSquares(
  model: Model,
  { images, labels }: Sample,
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

async function sampleOf(sample: PruneContext['sample'], { title }: Method): Promise<Sample> {
  const found = await sample?.();
  if (found && found.labels.length > 0) return found;
  throw new StudyError(
    'pruner-gradient/images-missing',
    `${title} ranks weights by gradients on labelled training images; found ${found ? 'a sample of none' : 'no sample'}. ` +
      'Connect its input "data" to images, for example to data.train.',
  );
}
