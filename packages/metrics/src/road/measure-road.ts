import {
  type Attributions,
  expectFinite,
  expectShape,
  type Given,
  type Measurement,
  type Model,
  type NdArray,
  ndArray,
  reduceChannels,
  rows,
  type ScoreWords,
  type Services,
  type Split,
  StudyError,
} from '@espalier/core';
import { argmax, probability } from '@espalier/numerics';
import { expectFiniteMap, placesOf } from '../inputs.ts';
import { areaOverCurve, largestArea } from './area-over-curve.ts';
import { type Imputer, linearImputer } from './imputation/linear-imputation.ts';
import { addPixelNoise } from './pixel-noise.ts';
import { removalCount, removalOrder } from './removal-order.ts';
import { type RoadOptions, startProblem } from './road-options.ts';

/** What the model said about one image at each level. */
interface Curves {
  readonly hits: Float32Array;
  readonly probabilities: Float32Array;
}

/** Everything that is the same for all images. */
interface Task {
  readonly options: RoadOptions;
  readonly model: Model;
  readonly impute: Imputer;
  /** Standard deviation of the noise per channel, for pixels in [0, 1]. */
  readonly deviations: readonly number[];
}

/** Scores every attributed image; see the plugin `road`. */
export async function measureRoad(
  { model, images, attributions }: Given<'model' | 'images' | 'attributions'>,
  options: RoadOptions,
  services: Services,
): Promise<readonly Measurement[]> {
  const places = placesOf(attributions, images, 'road');
  const task = taskOf(model, images, options);
  const maps = reduceChannels(attributions, options.reduction);
  expectShape(maps, [places.length, images.height, images.width], 'the attributions that ROAD ranks pixels by');
  const curves: Curves[] = [];
  for (const [i, place] of places.entries()) {
    services.signal.throwIfAborted();
    const map = rows(maps, i, i + 1).data;
    expectFiniteMap(map, attributions.ids[i]!, attributions);
    const told = (done: number) => services.progress({ done, total: places.length, unit: 'images' });
    curves.push(await curvesOf(task, images, place, { map, removed: () => told(i + 1 / 2) }));
    told(i + 1);
  }
  return scoresOf(task, attributions, curves);
}

function taskOf(model: Model, images: Split, options: RoadOptions): Task {
  const problem = startProblem(options);
  if (problem !== undefined) throw new StudyError('core/options-invalid', problem);
  return {
    options,
    model,
    impute: linearImputer(images.height, images.width, options.tolerance),
    deviations: model.input.std.map((std) => options.noise * (options.noiseSpace === 'normalised' ? std : 1)),
  };
}

/** One call of the model per image, always of the same size, so that no batch mate can change a score. */
async function curvesOf(
  task: Task,
  images: Split,
  place: number,
  { map, removed: told }: { readonly map: Float32Array; readonly removed: () => void },
): Promise<Curves> {
  const { options, model } = task;
  const image = await images.images([place]);
  const withoutOrigin = options.target === 'prediction' && options.percentages[0] !== 0;
  const percentages = withoutOrigin ? [0, ...options.percentages] : options.percentages;
  const levelled = removed(task, image, images.ids[place]!, map, percentages);
  told();
  const logits = await model.predict(levelled);
  expectFinite(logits.data, `the logits of "${images.ids[place]}" with pixels removed`);
  const levels = percentages.map((_, level) => rows(logits, level, level + 1).data);
  const target = options.target === 'label' ? images.labels[place]! : argmax(levels[0]!);
  const scored = withoutOrigin ? levels.slice(1) : levels;
  return {
    hits: Float32Array.from(scored, (values) => Number(argmax(values) === target)),
    probabilities: Float32Array.from(scored, (values) => probability(values, target)),
  };
}

/** The image at every level: pixels removed, imputed, and given noise. */
function removed(
  { options, impute, deviations }: Task,
  image: NdArray<'n h w c'>,
  id: string,
  map: Float32Array,
  percentages: readonly number[],
): NdArray<'n h w c'> {
  const shape = image.shape.slice(1);
  const order = removalOrder(map, options.order);
  const counts = percentages.map((percentage) => removalCount(map.length, percentage));
  const { images } = impute(ndArray('h w c', shape, image.data), order, counts);
  for (const [level, percentage] of percentages.entries()) {
    if (options.noise === 0) break;
    const pixels = rows(images, level, level + 1).data;
    addPixelNoise(pixels, order.subarray(0, counts[level]), deviations, options.noiseSeed, id, percentage);
  }
  return ndArray('n h w c', images.shape, images.data);
}

function scoresOf(task: Task, attributions: Attributions, curves: readonly Curves[]): readonly Measurement[] {
  const { options } = task;
  const { ids } = attributions;
  const largest = largestArea(options.percentages.length, options.origin);
  const all = (parts: readonly Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]));
  const score = (metric: string, y: string, curveOf: (curves: Curves) => Float32Array): Measurement => ({
    metric: options.order === 'morf' ? metric : metric.replace('road', 'road-lerf'),
    words: wordsOf(options, y),
    aspect: 'faithfulness',
    role: 'primary',
    settings: { reduction: options.reduction ?? attributions.reduction },
    direction: options.order === 'morf' ? 'higher-is-better' : 'lower-is-better',
    range: [-largest, largest],
    sample: 'image',
    ids,
    values: curves.map((curve) => areaOverCurve(curveOf(curve), options.origin)),
    definitions: otherOrigins(options, curves.map(curveOf)),
    summary: 'mean',
    curve: {
      x: '% of pixels removed',
      y,
      at: options.percentages,
      values: ndArray('n s', [curves.length, options.percentages.length], all(curves.map(curveOf))),
    },
  });
  return [
    score('road-aopc', 'accuracy', ({ hits }) => hits),
    score('road-probability-aopc', 'probability', ({ probabilities }) => probabilities),
  ];
}

/** @param y what is followed while pixels go: the accuracy, or the probability of the class */
function wordsOf({ order }: RoadOptions, y: string): ScoreWords {
  const which = order === 'morf' ? 'most' : 'least';
  const name = order === 'morf' ? 'ROAD AOPC' : 'ROAD AOPC, least relevant first';
  return {
    name: y === 'accuracy' ? name : `${name}, ${y}`,
    meaning: `How much ${y} falls, on average over the levels, when the ${which} relevant pixels of a map are imputed first.`,
  };
}

/** The area from the first removed level, where the curve begins with the unmodified image; else nothing. */
function otherOrigins(options: RoadOptions, curves: readonly Float32Array[]): NonNullable<Measurement['definitions']> {
  if (options.origin !== 'unmodified' || options.percentages.length < 3) return [];
  const values = curves.map((curve) => areaOverCurve(curve.subarray(1), 'first-level'));
  return [{ name: 'area from the first removed level', settings: { origin: 'first-level' }, values }];
}
