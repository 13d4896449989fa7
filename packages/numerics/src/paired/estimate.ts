import { bySize } from './absolute.ts';
import { bootstrapPivots, criticalValue, type Resampling } from './bootstrap-pivots.ts';
import { type EffectSizes, effectSizes } from './effect-sizes.ts';
import type { PairedDesign } from './paired-design.ts';
import type { Discordance } from './paired-proportions.ts';
import { skewedPivots } from './skewness-guard.ts';
import { twoSidedQuantile } from './student-t.ts';
import { fewestUnits, type Units, unitsOf } from './units.ts';
import { type VarianceParts, varianceParts } from './variance-parts.ts';

/** How intervals and p values are found; `none` where the samples cannot carry one. */
export type ComparisonMethod = 'studentised-bootstrap' | 'seeds-and-bootstrap' | 'score-and-mcnemar' | 'none';

/** Each method in words, with its source. */
export const methodSources: Readonly<Record<ComparisonMethod, string>> = {
  'studentised-bootstrap':
    'studentised bootstrap over the units, the mean of its symmetric and its equal-tailed ends (Hall 1988); p by inverting it. One ' +
    'seed: about these trained networks',
  'seeds-and-bootstrap':
    'seeds, draws and units as crossed random effects; Student t for the parts of seeds and draws and the studentised bootstrap for ' +
    'that of the units, weighted by their variances (Cochran and Cox 1957; Hall 1988); p by inverting it',
  'score-and-mcnemar':
    'score interval for paired proportions (Tango 1998), p by inverting it; what decides reaches to 0 where the exact McNemar test ' +
    'does not reject. One seed: about these trained networks',
  none: 'no interval: too few units, too few that differ, or one that outweighs all others',
};

/** Fewest samples that differ, for which a bootstrap is taken. */
export const fewestDiffering = 5;

/** What a mean difference owes its uncertainty to. */
export type Uncertainty =
  | { readonly kind: 'proportions'; readonly counts: Discordance }
  | {
      readonly kind: 'resampled';
      readonly parts: VarianceParts;
      readonly seeds: number;
      readonly draws: number;
      /** t* of each resample, in the order drawn. */
      readonly pivots: Float64Array;
      readonly sorted: Float64Array;
      readonly bySize: Float64Array;
      /** |t| of equally many exponential differences; null where there are so many that it makes no difference. */
      readonly skewed: Float64Array | null;
    };

/** A mean difference with all that an interval of any level needs. */
export interface Estimate extends EffectSizes {
  /** Mean of treated minus reference over samples and replicates; NaN without samples. */
  readonly difference: number;
  readonly method: ComparisonMethod;
  /** Samples that every replicate has. */
  readonly n: number;
  /** What was drawn from the population: samples, or their groups. */
  readonly units: number;
  readonly areGroups: boolean;
  /** Replicates: training seeds, or draws. */
  readonly seeds: number;
  /** Draws that every replicate shares; 0 where there are none. */
  readonly draws: number;
  /** Null where the samples cannot carry an interval. */
  readonly uncertainty: Uncertainty | null;
  /** Standard error of the difference; null without uncertainty. */
  readonly error: number | null;
}

// Student's t with one degree of freedom at 95 %: no sample of ten knows less than that. A bootstrap that asks for more rests
// on one value, without which most resamples hardly vary.
const widest = twoSidedQuantile(0.05, 1);

/** Estimates for designs; those with equally many units share their resamples. */
export function estimatesOf(designs: readonly PairedDesign[], options: Resampling): Estimate[] {
  const prepared = designs.map((design) => prepare(design));
  const pivots = pivotsOf(prepared, options);
  const skewed = new Map<number, Float64Array | null>();
  return prepared.map((one, i) => {
    const drawn = pivots.get(i);
    if (!drawn) return estimateOf(one, null);
    const count = one.units.sizes.length;
    if (!skewed.has(count)) skewed.set(count, skewedPivots(count, options));
    return estimateOf(one, resampled(one, drawn, skewed.get(count)!));
  });
}

interface Prepared {
  readonly design: PairedDesign;
  readonly units: Units;
  readonly method: ComparisonMethod;
  /** Null below two units. */
  readonly parts: VarianceParts | null;
}

function prepare(design: PairedDesign): Prepared {
  const units = unitsOf(design);
  const parts = units.sizes.length < 2 ? null : varianceParts(units);
  return { design, units, method: methodOf(design, units), parts };
}

function methodOf({ ids, differences, byDraw, isBinary }: PairedDesign, { sizes, areGroups }: Units): ComparisonMethod {
  if (sizes.length < fewestUnits) return 'none';
  const areHits = isBinary ?? differences.flat().every((value) => [-1, 0, 1].includes(value));
  const isSingle = differences.length === 1 && !byDraw;
  if (areHits && isSingle && !areGroups) return 'score-and-mcnemar';
  const differing = ids.filter((_, i) => differences.some((row) => row[i] !== 0)).length;
  if (differing < fewestDiffering) return 'none';
  return isSingle ? 'studentised-bootstrap' : 'seeds-and-bootstrap';
}

/** Bootstrap pivots of those that need them, resampled together by number of units. */
function pivotsOf(prepared: readonly Prepared[], options: Resampling): ReadonlyMap<number, Float64Array> {
  const bySize = new Map<number, number[]>();
  for (const [i, { method, units }] of prepared.entries()) {
    if (method === 'none' || method === 'score-and-mcnemar') continue;
    bySize.set(units.sizes.length, [...(bySize.get(units.sizes.length) ?? []), i]);
  }
  const pivots = new Map<number, Float64Array>();
  for (const indices of bySize.values()) {
    const sets = indices.map((i) => ({ residuals: prepared[i]!.parts!.residuals, sizes: prepared[i]!.units.sizes }));
    for (const [j, drawn] of bootstrapPivots(sets, options).entries()) pivots.set(indices[j]!, drawn);
  }
  return pivots;
}

function resampled({ parts, design }: Prepared, pivots: Float64Array, skewed: Float64Array | null): Uncertainty | null {
  const sizes = bySize(pivots);
  if (parts!.samples > 0 && criticalValue(sizes, 0.95) > widest) return null;
  const { differences, byDraw = [] } = design;
  const [seeds, draws] = [differences.length, byDraw.length];
  return {
    kind: 'resampled',
    parts: parts!,
    seeds,
    draws,
    pivots,
    sorted: pivots.slice().sort(),
    bySize: sizes,
    skewed,
  };
}

function estimateOf({ design, units, method, parts }: Prepared, drawn: Uncertainty | null): Estimate {
  const { ids, differences, byDraw = [] } = design;
  const [n, seeds] = [ids.length, differences.length];
  const bySample = ids.map((_, i) => differences.reduce((sum, row) => sum + row[i]!, 0) / seeds);
  const difference = bySample.reduce((sum, value) => sum + value, 0) / n;
  const proportions = method === 'score-and-mcnemar';
  const counts = proportions ? discordance(differences[0]!) : null;
  const uncertainty = counts ? ({ kind: 'proportions', counts } as const) : drawn;
  return {
    ...{
      difference,
      n,
      units: units.sizes.length,
      areGroups: units.areGroups,
      seeds,
      draws: byDraw.length,
      uncertainty,
    },
    method: uncertainty ? method : 'none',
    error: uncertainty && errorOf(uncertainty, parts!),
    ...effectSizes(bySample),
  };
}

function errorOf(uncertainty: Uncertainty, parts: VarianceParts): number {
  if (uncertainty.kind === 'resampled') return Math.sqrt(parts.seeds + parts.draws + parts.samples);
  const { gained, lost, n } = uncertainty.counts;
  return Math.sqrt(gained + lost - (gained - lost) ** 2 / n) / n;
}

function discordance(differences: readonly number[]): Discordance {
  const gained = differences.filter((value) => value === 1).length;
  const lost = differences.filter((value) => value === -1).length;
  return { gained, lost, n: differences.length };
}
