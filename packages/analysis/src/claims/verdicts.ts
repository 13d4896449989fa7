import { type Comparison, type Estimate, fewestDiffering, fewestUnits, type Judged } from '@espalier/numerics';

/** What a claim comes to. */
export type Verdict = 'different' | 'equivalent' | 'inconclusive';

/** A verdict, and why it is inconclusive. */
export interface Judgement {
  readonly verdict: Verdict;
  /** As a clause; null where the verdict is not inconclusive. */
  readonly why: string | null;
}

/** What a verdict is made of: nothing but the claim's own interval, its margin and its place in the family. */
export interface Evidence {
  readonly comparison: Comparison;
  readonly judged: Judged;
  /** Largest difference that does not matter; null where none was declared. */
  readonly margin: number | null;
  /** Why no sample has a value. */
  readonly empty: readonly string[];
  /** What an earlier step lacks where the family keeps the claim from being a finding. */
  readonly gate: string;
}

/**
 * *Different*: the interval leaves zero out. *Equivalent*: it lies within the margin (two one-sided tests, Schuirmann 1987, each at
 * half of the error rate, so that one interval decides both). *Inconclusive*: neither, or nothing can be told; `why` says what.
 */
export function verdictOf({ comparison, judged, margin, empty, gate }: Evidence): Judgement {
  const { units, higher, lower } = comparison;
  const { interval } = judged;
  if (!interval) {
    if (units >= fewestUnits && higher === 0 && lower === 0) return { verdict: 'equivalent', why: null };
    return { verdict: 'inconclusive', why: whyNoInterval(comparison, empty) };
  }
  if (margin !== null && interval[0] >= -margin && interval[1] <= margin && !leavesZeroOut(interval))
    return { verdict: 'equivalent', why: null };
  if (!leavesZeroOut(interval)) {
    const beyond = margin === null ? 'no margin of equivalence was declared' : 'it reaches beyond the margin';
    return { verdict: 'inconclusive', why: `its interval holds zero, and ${beyond}` };
  }
  return judged.isOpen ? { verdict: 'different', why: null } : { verdict: 'inconclusive', why: gate };
}

/** Whether an interval is on one side of zero. */
export function leavesZeroOut([low, high]: readonly [number, number]): boolean {
  return low > 0 || high < 0;
}

/** Why nothing holds an interval, as a clause. */
export function whyNoInterval(
  {
    n,
    units,
    areGroups,
    higher,
    lower,
    interval,
  }: Omit<Estimate, 'uncertainty'> & Partial<Pick<Comparison, 'interval'>>,
  empty: readonly string[],
): string {
  if (empty.length > 0) return `no sample has a value (${[...new Set(empty)].join('; ')})`;
  const differing = Math.round(n * (higher + lower));
  const what = areGroups ? 'classes' : 'samples';
  if (units < fewestUnits && areGroups)
    return `${n} samples share what was fitted to ${units} classes, which are too few`;
  if (units < fewestUnits) return `${n} samples are too few`;
  if (differing < fewestDiffering) return `only ${differing} of ${n} samples differ`;
  if (interval) return `${units} ${what} bear no interval at the error rate of so many measures`;
  return `one of ${units} ${what} outweighs all others`;
}
