import { expectFinite, type Model, type NdArray, ndArray, randomStream, rows, type Split } from '@espalier/core';
import { argmax, mean, probability } from '@espalier/numerics';
import type { Imputer } from './imputation/linear-imputation.ts';
import { addPixelNoise } from './pixel-noise.ts';
import { removalCount, removalOrder } from './removal-order.ts';
import type { RoadOptions } from './road-options.ts';

/** Everything that is the same for all images. */
export interface Task {
  readonly options: RoadOptions;
  readonly model: Model;
  readonly impute: Imputer;
  /** Standard deviation of the noise per channel, for pixels in [0, 1]. */
  readonly deviations: readonly number[];
}

/** What the model said of one image at each level, in one order of removal. */
export interface Curve {
  /** 1 where the target has the largest logit. */
  readonly hits: Float32Array;
  /** Of the target. */
  readonly probabilities: Float32Array;
}

/** The curves of one image; null where an order was not asked for. */
export interface Curves {
  readonly morf: Curve;
  readonly lerf: Curve | null;
  /** Mean over the random orders. */
  readonly random: Curve | null;
  /** Probability of the class that the model predicts for the unmodified image: mean over the random orders. */
  readonly kept: Float32Array | null;
  /** The target of the unmodified image; null where the model was not asked about it. */
  readonly start: { readonly isHit: boolean; readonly probability: number } | null;
}

/** One image, its map, and who is told which fraction of the work is done. */
interface Sample {
  readonly place: number;
  readonly map: Float32Array;
  readonly told: (fraction: number) => void;
}

type Logits = readonly Float32Array[];

/**
 * What the model says of one image while its pixels go, in every order that is asked for. One call of the model for each order, of the
 * same size for all images, so that no batch mate can change a score. The unmodified image is asked about once.
 */
export async function curvesOf(task: Task, images: Split, { place, map, told }: Sample): Promise<Curves> {
  const { options } = task;
  const [id, image] = [images.ids[place]!, await images.images([place])];
  const [first, ...others] = ordersOf(options, map, id);
  let steps = 0;
  const step = () => told(++steps / (2 * others.length + 2));
  const ask = async (order: Uint32Array, percentages: readonly number[]): Promise<Logits> => {
    const levelled = removed(task, { image, id }, order, percentages);
    step();
    const logits = await task.model.predict(levelled);
    expectFinite(logits.data, `the logits of "${id}" with pixels removed`);
    step();
    return percentages.map((_, level) => rows(logits, level, level + 1).data);
  };
  const known = options.percentages.filter((percentage) => percentage === 0);
  const later = options.percentages.slice(known.length);
  const asksStart = known.length > 0 || options.target === 'prediction' || others.length > 0;
  const asked = await ask(first!, asksStart ? [0, ...later] : later); // the most relevant first is always asked for
  const start = asksStart ? asked[0]! : null;
  const beginning = known.map(() => start!);
  const answers = [[...beginning, ...asked.slice(asksStart ? 1 : 0)]];
  for (const order of others) answers.push([...beginning, ...(await ask(order, later))]);
  return followed(answers, start, options.target === 'label' ? images.labels[place]! : argmax(start!));
}

/** The most relevant first, then the least relevant first, then random ones, as far as they are asked for. */
function ordersOf(
  { orders, randomOrders, noiseSeed }: RoadOptions,
  map: Float32Array,
  id: string,
): readonly Uint32Array[] {
  const draws = Array.from({ length: orders === 'all' ? randomOrders : 0 }, (_, draw) => draw);
  const pixels = [...map.keys()];
  return [
    removalOrder(map, 'morf'),
    ...(orders === 'morf' ? [] : [removalOrder(map, 'lerf')]),
    ...draws.map((draw) => Uint32Array.from(randomStream(noiseSeed, 'random-order', id, draw).shuffled(pixels))),
  ];
}

/** @param answers logits at each level, order by order */
function followed(answers: readonly Logits[], start: Float32Array | null, target: number): Curves {
  const of = (value: (logits: Float32Array) => number) => {
    const curves = answers.map((logits) => Float32Array.from(logits, value));
    return { curves, random: curves.length > 2 ? averaged(curves.slice(2)) : null };
  };
  const isHit = (logits: Float32Array) => argmax(logits) === target;
  const hits = of((logits) => Number(isHit(logits)));
  const probabilities = of((logits) => probability(logits, target));
  const kept = start && of((logits) => probability(logits, argmax(start)));
  const one = (order: number): Curve => ({ hits: hits.curves[order]!, probabilities: probabilities.curves[order]! });
  return {
    morf: one(0),
    lerf: answers.length > 1 ? one(1) : null,
    random: hits.random && probabilities.random && { hits: hits.random, probabilities: probabilities.random },
    kept: kept?.random ?? null,
    start: start && { isHit: isHit(start), probability: probability(start, target) },
  };
}

function averaged(curves: readonly Float32Array[]): Float32Array {
  return curves[0]!.map((_, level) => mean(curves.map((curve) => curve[level]!)));
}

/** The image at every level: pixels removed, imputed, and given noise, which is the same at a pixel in every order. */
function removed(
  { options, impute, deviations }: Task,
  { image, id }: { readonly image: NdArray<'n h w c'>; readonly id: string },
  order: Uint32Array,
  percentages: readonly number[],
): NdArray<'n h w c'> {
  const counts = percentages.map((percentage) => removalCount(order.length, percentage));
  const { images } = impute(ndArray('h w c', image.shape.slice(1), image.data), order, counts);
  for (const [level, percentage] of percentages.entries()) {
    if (options.noise === 0) break;
    const pixels = rows(images, level, level + 1).data;
    addPixelNoise(pixels, order.subarray(0, counts[level]), deviations, options.noiseSeed, id, percentage);
  }
  return ndArray('n h w c', images.shape, images.data);
}
