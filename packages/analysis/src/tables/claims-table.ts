import type { Check } from '../claims/checks.ts';
import type { Claim, Claims } from '../claims/claims.ts';
import { definitionCounts } from '../claims/definition-results.ts';
import { againstText } from '../claims/measures.ts';
import type { Cell, TableColumn } from './table.ts';

type Column = readonly [name: string, type: TableColumn['type'], cell: (claim: Claim) => Cell];

const first = ({ question }: Claim) => question.pairs[0]!.treated;

const columns: readonly Column[] = [
  ['claim', 'text', ({ id }) => id],
  ['family', 'text', ({ family }) => family],
  ['aspect', 'text', (claim) => first(claim).aspect],
  ['metric', 'text', ({ question }) => question.metric],
  ['preset', 'text', (claim) => first(claim).preset],
  ['explainer', 'text', (claim) => first(claim).explainer],
  ['labels', 'text', (claim) => first(claim).rest || null],
  ['place', 'text', ({ place }) => place.kind],
  ['level', 'number', ({ question }) => question.level],
  ['arm', 'text', ({ question }) => (question.arm === null ? null : String(question.arm))],
  ['against', 'text', againstText],
  ['image_set', 'text', ({ imageSet }) => imageSet],
  ['n', 'number', ({ comparison }) => comparison.n],
  ['units', 'number', ({ comparison }) => comparison.units],
  ['replicates', 'number', ({ comparison }) => comparison.seeds],
  ['shared_draws', 'number', ({ comparison }) => comparison.draws],
  ['replicates_are', 'text', ({ replicates }) => replicates],
  ['mean', 'number', ({ means }) => finite(means?.treated)],
  ['reference', 'number', ({ means }) => finite(means?.reference)],
  ['difference', 'number', ({ comparison }) => finite(comparison.difference)],
  ['low', 'number', ({ interval }) => interval?.[0] ?? null],
  ['high', 'number', ({ interval }) => interval?.[1] ?? null],
  ['low_pointwise', 'number', ({ comparison }) => comparison.interval?.[0] ?? null],
  ['high_pointwise', 'number', ({ comparison }) => comparison.interval?.[1] ?? null],
  ['p', 'number', ({ comparison }) => comparison.p],
  ['p_is_bound', 'text', ({ comparison }) => (comparison.p === null ? null : String(comparison.isBound))],
  ['p_adjusted', 'number', ({ adjusted }) => adjusted],
  ['p_adjusted_is_bound', 'text', ({ adjusted, isBound }) => (adjusted === null ? null : String(isBound))],
  ['margin', 'number', ({ margin }) => margin],
  ['detectable', 'number', ({ detectable }) => detectable],
  ['verdict', 'text', ({ verdict }) => verdict],
  ['why_inconclusive', 'text', ({ why }) => why],
  ['method', 'text', ({ comparison }) => comparison.method],
  ['d_z', 'number', ({ comparison }) => comparison.standardised],
  ['dominance', 'number', ({ comparison }) => comparison.dominance],
  ['definitions', 'number', (claim) => definitionCounts(claim).distinct],
  ['definitions_same_sign', 'number', (claim) => definitionCounts(claim).sameSign],
  ['definitions_near_copies', 'number', (claim) => definitionCounts(claim).copies],
];

/** What a check has in a row of claims: it is held against its bar. The others are empty. */
const ofChecks: Readonly<Record<string, (check: Check) => Cell>> = {
  claim: ({ id }) => id,
  family: () => 'check',
  aspect: ({ aspect }) => aspect,
  metric: ({ metric }) => metric,
  preset: ({ preset }) => preset,
  explainer: ({ explainer }) => explainer,
  labels: ({ rest }) => rest || null,
  place: () => 'level',
  level: ({ level }) => level,
  arm: ({ arm }) => (arm === null ? null : String(arm)),
  against: () => 'bar',
  image_set: () => 'all',
  n: ({ estimate }) => estimate.n,
  units: ({ estimate }) => estimate.units,
  replicates: ({ estimate }) => estimate.seeds,
  shared_draws: ({ estimate }) => estimate.draws,
  replicates_are: ({ replicates }) => replicates,
  mean: ({ mean }) => finite(mean),
  reference: ({ bar }) => bar,
  difference: ({ estimate }) => finite(estimate.difference),
  low: ({ judged }) => judged.interval?.[0] ?? null,
  high: ({ judged }) => judged.interval?.[1] ?? null,
  p_adjusted: ({ judged }) => judged.adjusted,
  p_adjusted_is_bound: ({ judged }) => (judged.adjusted === null ? null : String(judged.isBound)),
  detectable: ({ judged }) => judged.detectable,
  verdict: ({ verdict }) => verdict,
  why_inconclusive: ({ why }) => why,
  method: ({ estimate }) => estimate.method,
  d_z: ({ estimate }) => estimate.standardised,
  dominance: ({ estimate }) => estimate.dominance,
};

/** One row per claim, then one per sanity check that has a bar: the check against its bar. */
export function claimColumns({ claims, checks }: Pick<Claims, 'claims' | 'checks'>): TableColumn[] {
  return columns.map(([name, type, cell]) => {
    const values = [...claims.map(cell), ...checks.map((check) => ofChecks[name]?.(check) ?? null)];
    return { name, type, values };
  });
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
