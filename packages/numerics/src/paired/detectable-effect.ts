import { criticalValue } from './bootstrap-pivots.ts';
import { powerQuantile } from './power.ts';
import { skewedPivots } from './skewness-guard.ts';
import { twoSidedQuantile } from './student-t.ts';
import { fewestUnits } from './units.ts';

/** What a design will be able to find, before anything is measured. */
export interface DetectableEffect {
  /** Smallest mean difference that is found four times out of five, in standard deviations between units; null below ten of them. */
  readonly ofUnits: number | null;
  /** The same in standard deviations between training seeds; null for one seed, which says nothing of training anew. */
  readonly ofSeeds: number | null;
}

/**
 * The smallest effect that a family finds four times out of five, by its critical values: for units that of `judgeFamily`, whose guard is
 * there; for seeds Student's t.
 *
 * @param design.measures of the family, at least 1
 * @param design.alpha error rate of the family
 */
export function detectableEffect(design: {
  readonly units: number;
  readonly seeds: number;
  readonly measures: number;
  readonly alpha: number;
}): DetectableEffect {
  const { units, seeds, measures, alpha } = design;
  const each = alpha / measures;
  const of = (count: number, critical: number) => (critical + powerQuantile) / Math.sqrt(count);
  const skewed = units < fewestUnits ? null : skewedPivots(units, { resamples: 9999, seed: 0 });
  const critical = Math.max(
    twoSidedQuantile(each, Math.max(1, units - 1)),
    skewed ? criticalValue(skewed, 1 - each) : 0,
  );
  return {
    ofUnits: units < fewestUnits ? null : of(units, critical),
    ofSeeds: seeds < 2 ? null : of(seeds, twoSidedQuantile(each, seeds - 1)),
  };
}
