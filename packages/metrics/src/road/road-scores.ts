import { type Measurement, ndArray, omitted } from '@espalier/core';
import { mean } from '@espalier/numerics';
import { areaOverCurve, largestArea } from './area-over-curve.ts';
import type { Curve, Curves } from './removal-curves.ts';
import type { RoadOptions } from './road-options.ts';

/** The scored images, in order of their curves. */
interface Scored {
  readonly options: RoadOptions;
  readonly ids: readonly string[];
  readonly curves: readonly Curves[];
  readonly settings: NonNullable<Measurement['settings']>;
  /** Classes of the model. */
  readonly classes: number;
}

/** What is followed while pixels go. */
interface Followed {
  readonly metric: string;
  readonly name: string;
  /** In a sentence, and at the axis of a curve. */
  readonly y: string;
  readonly of: (curve: Curve) => Float32Array;
}

const accuracy: Followed = { metric: 'road-aopc', name: 'ROAD AOPC', y: 'accuracy', of: ({ hits }) => hits };
const probability: Followed = {
  ...{ metric: 'road-probability-aopc', name: 'ROAD AOPC, probability', y: 'probability' },
  of: ({ probabilities }) => probabilities,
};

/** The scores of ROAD: as many as the orders allow that pixels were removed in. */
export function roadScores(scored: Scored): readonly Measurement[] {
  const { orders, origin } = scored.options;
  const ofBoth = (score: (followed: Followed) => Measurement) => [accuracy, probability].map(score);
  return [
    ...ofBoth((followed) => areaScore(followed, scored)),
    ...(origin === 'unmodified' ? [normalisedArea(scored)] : []),
    ...(orders === 'morf' ? [] : [relevanceGain(scored)]),
    ...(orders === 'all' ? [...ofBoth((followed) => minusRandom(followed, scored)), modelScope(scored)] : []),
  ];
}

/** Area over the curve, the most relevant pixels first. */
function areaScore({ metric, name, y, of }: Followed, { options, curves, ...scored }: Scored): Measurement {
  const largest = largestArea(options.percentages.length, options.origin);
  const own = curves.map(({ morf }) => of(morf));
  return {
    ...common(scored),
    metric,
    words: {
      name,
      meaning: `How much ${y} falls, on average over the levels, when the most relevant pixels of a map are imputed first.`,
    },
    role: 'primary',
    direction: 'higher-is-better',
    range: [-largest, largest],
    values: own.map((curve) => areaOverCurve(curve, options.origin)),
    definitions: otherOrigins(options, own),
    curve: curveOver(options.percentages, y, own),
  };
}

/** The area from the first removed level, where the curve begins with the unmodified image; else nothing. */
function otherOrigins(options: RoadOptions, curves: readonly Float32Array[]): NonNullable<Measurement['definitions']> {
  if (options.origin !== 'unmodified' || options.percentages.length < 3) return [];
  const values = curves.map((curve) => areaOverCurve(curve.subarray(1), 'first-level'));
  return [{ name: 'area from the first removed level', settings: { origin: 'first-level' }, values }];
}

/** The area over the curve of the probability, divided by the probability that the curve starts with. */
function normalisedArea({ options, classes, ...all }: Scored): Measurement {
  const { curves, ...fromHits } = startingWithHits(options, all);
  const largest = largestArea(options.percentages.length, options.origin);
  return {
    ...common({ ...all, ...fromHits }),
    ...fromHits,
    metric: 'road-normalised-aopc',
    words: {
      name: 'ROAD AOPC, probability over its start',
      meaning:
        'What share of its starting probability the class loses, on average over the levels, when the most relevant pixels of a map are imputed first.',
    },
    role: 'companion',
    direction: 'higher-is-better',
    range: [(1 - classes) * largest, largest],
    values: curves.map(({ morf, start }) => areaOverCurve(morf.probabilities, options.origin) / start.probability),
  };
}

/** The area between the curves of the least and of the most relevant pixels first, by the probability that both start with. */
function relevanceGain({ options, classes, ...all }: Scored): Measurement {
  const { curves, ...fromHits } = startingWithHits(options, all);
  const { percentages } = options;
  const largest = (classes * percentages.filter((percentage) => percentage > 0).length) / percentages.length;
  const gains = (of: Followed['of']) =>
    curves.map(({ lerf, morf }) => of(lerf!).map((value, level) => value - of(morf)[level]!)); // in every order but `morf`
  const kept = gains(probability.of);
  const own = kept.map((gain, i) => gain.map((value) => value / curves[i]!.start.probability));
  return {
    ...common({ ...all, ...fromHits }),
    ...fromHits,
    metric: 'road-srg',
    words: {
      name: 'ROAD symmetric relevance gain',
      meaning:
        'How much more of its starting probability the class keeps when the least relevant pixels of a map are imputed first than when the most relevant are, on average over the levels: 0 for a random map.',
    },
    role: 'primary',
    direction: 'higher-is-better',
    range: [-largest, largest],
    values: own.map(mean),
    definitions: [
      { name: 'hits, not the probability', settings: { follows: 'hits' }, values: gains(accuracy.of).map(mean) },
      { name: 'not divided by the start', settings: { normalised: false }, values: kept.map(mean) },
    ],
    curve: curveOver(percentages, 'share of the starting probability, least minus most relevant first', own),
  };
}

/** How much better than removal in random orders. */
function minusRandom({ metric, name, y, of }: Followed, { options, curves, ...scored }: Scored): Measurement {
  const largest = 2 * largestArea(options.percentages.length, options.origin);
  const area = (curve: Curve) => areaOverCurve(of(curve), options.origin);
  return {
    ...common(scored),
    metric: `${metric}-minus-random`,
    words: {
      name: `${name}, minus that of random orders`,
      meaning: `How much more ${y} falls, on average over the levels, than when pixels are imputed in random order: 0 for a random map.`,
    },
    role: 'companion',
    difference: { of: metric, from: 'that of random orders' },
    direction: 'higher-is-better',
    range: [-largest, largest],
    values: curves.map(({ morf, random }) => area(morf) - area(random!)), // there in the orders `all`
  };
}

/** Whether imputed images are what the model knows: R-OMS. */
function modelScope({ options: { percentages }, curves, ...scored }: Scored): Measurement {
  const own = curves.map(({ kept }) => kept!); // there in the orders `all`
  return {
    ...common(scored),
    metric: 'road-model-scope',
    words: {
      name: 'ROAD model scope (R-OMS)',
      meaning:
        'The probability that the model keeps for its prediction of the unmodified image while pixels are imputed in random order, on average over the levels: near 1 it takes imputed images as it takes others.',
    },
    role: 'companion',
    direction: 'neither',
    range: [0, 1],
    values: own.map((curve) => mean(curve.filter((_, level) => percentages[level]! > 0))),
    curve: curveOver(percentages, 'probability of the first prediction, random order', own),
  };
}

type Common = Pick<Measurement, 'aspect' | 'sample' | 'summary' | 'ids' | 'settings'>;

function common({ ids, settings }: Pick<Scored, 'ids' | 'settings'>): Common {
  return { aspect: 'faithfulness', sample: 'image', summary: 'mean', ids, settings };
}

/**
 * The images whose unmodified selves are hits, for scores that divide by the start: their start is the largest probability, so at least one
 * by the number of classes. Models are compared where all of them start so.
 */
function startingWithHits({ target }: RoadOptions, { ids, curves }: Pick<Scored, 'ids' | 'curves'>) {
  const starts = curves.map(({ start }) => start!); // asked about wherever something is divided by it
  const areHits = starts.map(({ isHit }) => isHit);
  const missed = ids.filter((_, i) => !areHits[i]);
  return {
    ids: ids.filter((_, i) => areHits[i]),
    curves: curves.flatMap((own, i) => (areHits[i] ? [{ ...own, start: starts[i]! }] : [])),
    ...omitted([{ reason: 'the model gives the unmodified image another class', ids: missed }]),
    ...(target === 'label' && { comparedOn: 'correct-by-all' as const }),
  };
}

function curveOver(
  at: readonly number[],
  y: string,
  curves: readonly Float32Array[],
): NonNullable<Measurement['curve']> {
  const values = Float32Array.from(curves.flatMap((curve) => [...curve]));
  return { x: '% of pixels removed', y, at, values: ndArray('n s', [curves.length, at.length], values) };
}
