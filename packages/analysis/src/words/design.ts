import type { ImagesOutline } from '@espalier/core';
import { detectableEffect, fewestUnits } from '@espalier/numerics';
import { errorRate } from '../claims/judging.ts';
import { count, significant } from '../text/numbers.ts';

/** What is known of a study's design before it runs. */
export interface Design {
  readonly endpoints: readonly string[];
  readonly seeds: number;
  readonly explainers: number;
  /** Image sets that are scored. */
  readonly images: readonly ImagesOutline[];
}

/**
 * What the design can detect, as a sentence for each number of images that is scored: effects in standard deviations of the differences,
 * which nobody knows before. Nothing where endpoints or images are not known: then nobody can say.
 */
export function detectableText({ endpoints, seeds, explainers, images }: Design): readonly string[] {
  if (endpoints.length === 0) return [];
  const measures = endpoints.length * Math.max(1, explainers);
  const known = images.flatMap(({ mostPerClass }) => (mostPerClass ? [unitsIn(mostPerClass)] : []));
  // Of sets with the same units, the smallest is told.
  const distinct = new Map(known.sort((a, b) => b.total - a.total).map((set) => [`${set.units} ${set.what}`, set]));
  return [...distinct.values()].map(({ total, filled, units, what }) => {
    const effect = detectableEffect({ units, seeds, measures, alpha: errorRate });
    const ofUnits =
      effect.ofUnits === null
        ? `${count(total, 'image')} are too few for an interval`
        : `differences of ${significant(effect.ofUnits, 2)} standard deviations between ${what}`;
    const ofSeeds =
      effect.ofSeeds === null
        ? 'nothing of training anew, with one seed'
        : `${significant(effect.ofSeeds, 2)} standard deviations between ${seeds} seeds`;
    return (
      `With ${count(total, 'image')} of ${count(filled, 'class', 'classes')} and ${count(measures, 'measure')} of endpoints at most, this design finds four times out of five: ` +
      `${ofUnits}; ${ofSeeds}. With fewer endpoints, more classes or images, or more seeds it finds smaller ones.`
    );
  });
}

/** What is drawn from the population, as a comparison will see it. */
function unitsIn(perClass: readonly number[]) {
  const total = perClass.reduce((sum, own) => sum + own, 0);
  const filled = perClass.filter((own) => own > 0).length;
  const areClasses = filled >= fewestUnits && total > filled;
  return { total, filled, units: areClasses ? filled : total, what: areClasses ? 'classes' : 'images' };
}
