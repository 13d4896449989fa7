import { bootstrapPivots, criticalValue, exceedance, type Resampling } from './bootstrap-pivots.ts';
import { type EffectSizes, effectSizes } from './effect-sizes.ts';
import type { PairedDesign } from './paired-design.ts';
import { type Discordance, exactMcNemar, scoreInterval } from './paired-proportions.ts';
import { twoSidedQuantile, twoSidedTail } from './student-t.ts';
import { type VarianceParts, varianceParts } from './variance-parts.ts';

/** How an interval and its p value were found; `none` where the samples cannot carry one. */
export type ComparisonMethod = 'studentised-bootstrap' | 'seeds-and-bootstrap' | 'score-and-mcnemar' | 'none';

/** Each method in words, with its source. */
export const methodSources: Readonly<Record<ComparisonMethod, string>> = {
  'studentised-bootstrap':
    'symmetric studentised bootstrap over samples (Hall 1988); p by inverting it. One seed: about these trained networks',
  'seeds-and-bootstrap':
    'seeds and samples as crossed random effects; the part of the seeds with Student t, the part of the samples with ' +
    'the symmetric studentised bootstrap, added as squares (Banerjee 1960; Hall 1988); p by inverting it',
  'score-and-mcnemar':
    'score interval for paired proportions (Tango 1998), exact McNemar test. One seed: about these trained networks',
  none: 'no interval: too few samples, too few that differ, or one that outweighs all others',
};

/** What two models differ by on the same samples. */
export interface Comparison extends EffectSizes {
  /** Mean of treated minus reference over samples and seeds; NaN without samples. */
  readonly difference: number;
  /** Ends of the 95 % interval (or of `level`); null where there is none. */
  readonly interval: readonly [number, number] | null;
  /** Two-sided, of no difference; 1 where nothing differs, null where it cannot be told. */
  readonly p: number | null;
  readonly method: ComparisonMethod;
  /** Samples that every seed has. */
  readonly n: number;
  readonly seeds: number;
}

export interface ComparisonOptions extends Resampling {
  /** Coverage of the intervals, in (0, 1). */
  readonly level?: number;
}

/** Below these, a bootstrap does not hold its level: see the README's table. */
export const fewestSamples = 10;
/** Fewest samples that differ, for which a bootstrap is taken. */
export const fewestDiffering = 5;

// Student's t with one degree of freedom at 95 %: no sample of ten knows less than that. A bootstrap that asks for more rests
// on one value, without which most resamples hardly vary.
const widest = twoSidedQuantile(0.05, 1);

/**
 * Compares two models on the same samples, for each design: intervals at 95 % unless `level` says otherwise.
 *
 * One seed asks about the two trained networks at hand, with samples drawn from all samples. Several seeds ask about
 * networks trained so: seeds are drawn too, and the interval is as wide as so few of them demand.
 * Differences of -1, 0 and 1 with one seed are compared as proportions. Holm's correction is the caller's: it knows the family.
 */
export function comparePaired(designs: readonly PairedDesign[], options: ComparisonOptions): Comparison[] {
  const pivots = pivotsOf(designs, options);
  return designs.map((design, i) => compare(design, pivots.get(i), options.level ?? 0.95));
}

/** Sorted bootstrap pivots of the designs that need them, resampled together by size. */
function pivotsOf(designs: readonly PairedDesign[], options: Resampling): ReadonlyMap<number, Float64Array> {
  const bySize = new Map<number, number[]>();
  for (const [i, design] of designs.entries()) {
    const method = methodOf(design);
    if (method !== 'studentised-bootstrap' && method !== 'seeds-and-bootstrap') continue;
    bySize.set(design.ids.length, [...(bySize.get(design.ids.length) ?? []), i]);
  }
  const pivots = new Map<number, Float64Array>();
  for (const indices of bySize.values()) {
    const samples = indices.map((i) => varianceParts(designs[i]!.differences).bySample);
    for (const [j, sorted] of bootstrapPivots(samples, options).entries()) pivots.set(indices[j]!, sorted);
  }
  return pivots;
}

function methodOf({ ids, differences }: PairedDesign): ComparisonMethod {
  if (ids.length < fewestSamples) return 'none';
  if (differences.length === 1 && differences[0]!.every((value) => Number.isInteger(value) && Math.abs(value) <= 1)) {
    return 'score-and-mcnemar';
  }
  const differing = ids.filter((_, i) => differences.some((row) => row[i] !== 0)).length;
  if (differing < fewestDiffering) return 'none';
  return differences.length === 1 ? 'studentised-bootstrap' : 'seeds-and-bootstrap';
}

function compare(design: PairedDesign, pivots: Float64Array | undefined, level: number): Comparison {
  const { ids, differences } = design;
  const [n, seeds, method] = [ids.length, differences.length, methodOf(design)];
  if (n < 2) {
    const difference = n === 0 ? Number.NaN : differences.reduce((sum, row) => sum + row[0]!, 0) / seeds;
    return { difference, interval: null, p: null, method: 'none', n, seeds, ...effectSizes([difference]) };
  }
  const parts = varianceParts(differences);
  const about = { difference: parts.mean, n, seeds, method, ...effectSizes(parts.bySample) };
  if (method === 'score-and-mcnemar') {
    const counts = discordance(differences[0]!);
    const z = twoSidedQuantile(1 - level, 1e7); // so many degrees of freedom are the normal's
    return { ...about, interval: scoreInterval(counts, z), p: exactMcNemar(counts) };
  }
  if (!pivots) {
    const same = differences.every((row) => row.every((value) => value === 0));
    return { ...about, interval: null, p: same ? 1 : null };
  }
  if (parts.samples > 0 && criticalValue(pivots, 0.95) > widest) {
    return { ...about, method: 'none', interval: null, p: null };
  }
  const half = halfWidth(parts, seeds, pivots, level);
  return { ...about, interval: [parts.mean - half, parts.mean + half], p: pValue(parts, seeds, pivots) };
}

function discordance(differences: readonly number[]): Discordance {
  const gained = differences.filter((value) => value === 1).length;
  const lost = differences.filter((value) => value === -1).length;
  return { gained, lost, n: differences.length };
}

/**
 * Half of the interval: sqrt(t^2 seeds + q^2 samples), with t of S - 1 degrees of freedom and q the bootstrap's. For independent
 * normal parts its coverage is at least `level` (Banerjee 1960).
 */
function halfWidth(parts: VarianceParts, seeds: number, pivots: Float64Array, level: number): number {
  const t = seeds === 1 || parts.seeds === 0 ? 0 : twoSidedQuantile(1 - level, seeds - 1);
  return halfWidthAt(t, level, parts, pivots);
}

function halfWidthAt(t: number, level: number, parts: VarianceParts, pivots: Float64Array): number {
  const q = parts.samples === 0 ? 0 : criticalValue(pivots, level);
  return Math.sqrt(t * t * parts.seeds + q * q * parts.samples);
}

/** The smallest p at which an interval of level 1 - p leaves zero out. */
function pValue(parts: VarianceParts, seeds: number, pivots: Float64Array): number {
  const distance = Math.abs(parts.mean);
  if (parts.seeds === 0) return exceedance(pivots, distance / Math.sqrt(parts.samples));
  // Looked for along t, whose p is one tail; from p to t would be a search of its own at every step.
  const pOf = (t: number) => twoSidedTail(t, seeds - 1);
  const excludesZero = (t: number) => halfWidthAt(t, 1 - pOf(t), parts, pivots) < distance;
  let [low, high] = [0, distance / Math.sqrt(parts.seeds)];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (excludesZero(middle)) low = middle;
    else high = middle;
  }
  return pOf(low);
}
