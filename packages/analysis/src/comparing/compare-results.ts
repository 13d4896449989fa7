import { ascending, group } from 'd3-array';
import { families } from '../claims/families.ts';
import { sorted } from '../tables/results-json.ts';
import { type Pairing, pairUp } from './pairing.ts';
import type { RecordedClaim, RecordedLevel, Results } from './results-file.ts';

/** What a claim comes to: its verdict, with the direction of a difference. */
export type Finding = 'higher' | 'lower' | 'equivalent' | 'inconclusive';

/** One measure of one arm over its sparsity levels. */
export interface RecordedSeries {
  /** The arm or the node, where a study has several. */
  readonly variant: string;
  readonly preset: string;
  /** At least one, sparsest last; those without a place on the sparsity axis are left out. */
  readonly levels: readonly RecordedLevel[];
}

/** One measure of two runs, one pairing for each arm. */
export interface MeasurePairing {
  readonly metric: string;
  readonly name: string;
  readonly unit: string | null;
  readonly explainer: string | null;
  readonly definition: string;
  /** An endpoint of one of the runs, or a measure with a verdict that differs. */
  readonly isAsked: boolean;
  readonly arms: readonly Pairing<RecordedSeries>[];
}

/** What two runs found, side by side. */
export interface ResultsComparison {
  /** Claims of both with another finding: endpoints first, then by family, aspect and measure. */
  readonly differing: readonly Pairing<RecordedClaim>[];
  /** Claims of both with the same finding. */
  readonly agreeing: readonly Pairing<RecordedClaim>[];
  /** Claims that only one of them has. */
  readonly single: readonly Pairing<RecordedClaim>[];
  /** Those with a verdict that differs first, then endpoints. */
  readonly measures: readonly MeasurePairing[];
}

/**
 * Matches what two runs found: claims by metric, explainer, labels, arm, reference and level (or trend), whatever the preset where
 * only one of each is left; measures likewise. It tests nothing: runs may share images, seeds and networks.
 */
export function compareResults(a: Results, b: Results): ResultsComparison {
  const claims = pairUp(a.claims.claims, b.claims.claims, { about: subjectOf, how: mannerOf }).sort(compareClaims);
  const both = claims.filter((pair) => pair.a && pair.b);
  const agrees = ({ a: own, b: other }: Pairing<RecordedClaim>) => findingOf(own!) === findingOf(other!);
  const differing = both.filter((pair) => !agrees(pair));
  return {
    differing,
    agreeing: both.filter(agrees),
    single: claims.filter((pair) => !pair.a || !pair.b),
    measures: measuresOf(a, b, differing),
  };
}

/** What a claim of results comes to. */
export function findingOf({ verdict, difference }: RecordedClaim): Finding {
  if (verdict !== 'different') return verdict;
  return (difference ?? 0) > 0 ? 'higher' : 'lower';
}

function subjectOf({ metric, explainer, labels, arm, against, place }: RecordedClaim): string {
  const at = place.kind === 'level' ? place.level : null; // a trend is one over all levels, whichever these are
  const other = against.kind === 'control' ? against.arm : null;
  return JSON.stringify([metric, explainer, labels, arm, against.kind, other, place.kind, at]);
}

function mannerOf({ preset, settings }: RecordedClaim): string {
  return JSON.stringify([preset, sorted(settings)]);
}

function compareClaims(first: Pairing<RecordedClaim>, second: Pairing<RecordedClaim>): number {
  const [x, y] = [first.a ?? first.b!, second.a ?? second.b!];
  const familyOf = ({ a, b }: Pairing<RecordedClaim>) =>
    Math.min(...[a, b].flatMap((claim) => (claim ? [families.indexOf(claim.family)] : [])));
  return (
    familyOf(first) - familyOf(second) ||
    ascending(x.aspect, y.aspect) ||
    ascending(x.name, y.name) ||
    ascending(x.explainer ?? '', y.explainer ?? '') ||
    ascending(x.labels, y.labels) ||
    ascending(JSON.stringify(x.against), JSON.stringify(y.against)) ||
    placeOf(x) - placeOf(y)
  );
}

// A trend stands before its levels.
function placeOf({ place }: RecordedClaim): number {
  return place.kind === 'trend' ? -1 : place.level;
}

function measuresOf(a: Results, b: Results, differing: readonly Pairing<RecordedClaim>[]): MeasurePairing[] {
  const measure = ({ metric, explainer }: Pick<RecordedClaim, 'metric' | 'explainer'>) =>
    JSON.stringify([metric, explainer]);
  const other = new Set(differing.map((pair) => measure(pair.a!)));
  const endpoints = new Set(
    [...a.claims.claims, ...b.claims.claims].filter(({ family }) => family === 'endpoints').map(measure),
  );
  const treated = new Set([...a.claims.claims, ...b.claims.claims].map(({ arm }) => String(arm)));
  const pairs = pairUp(seriesOf(a.levels), seriesOf(b.levels), {
    about: ({ levels: [first] }) => JSON.stringify([subjectOfLevel(first!), first!.variant]),
    how: ({ preset }) => preset,
  });
  const rank = (key: string) => (other.has(key) ? 0 : endpoints.has(key) ? 1 : 2);
  return [...group(pairs, ({ a: own, b: beside }) => subjectOfLevel((own ?? beside)!.levels[0]!)).values()]
    .map((arms) => {
      const { metric, name, unit, explainer, definition } = (arms[0]!.a ?? arms[0]!.b)!.levels[0]!;
      const isControl = (pair: Pairing<RecordedSeries>) => (treated.has((pair.a ?? pair.b)!.variant) ? 0 : 1);
      const key = measure({ metric, explainer });
      const ordered = [...arms].sort((x, y) => isControl(x) - isControl(y));
      return {
        ...{ metric, name, unit, explainer, definition },
        isAsked: rank(key) < 2,
        rank: rank(key),
        arms: ordered,
      };
    })
    .sort((x, y) => x.rank - y.rank)
    .map(({ rank: _, ...found }) => found);
}

function subjectOfLevel({ metric, explainer, definition }: RecordedLevel): string {
  return JSON.stringify([metric, explainer, definition]);
}

function seriesOf(levels: readonly RecordedLevel[]): RecordedSeries[] {
  const placed = levels.filter(({ sparsity }) => sparsity.position !== null);
  const key = (level: RecordedLevel) => JSON.stringify([subjectOfLevel(level), level.variant, level.preset]);
  return [...group(placed, key).values()].map((own) => ({
    variant: own[0]!.variant,
    preset: own[0]!.preset,
    levels: [...own].sort((x, y) => x.sparsity.position! - y.sparsity.position!),
  }));
}
