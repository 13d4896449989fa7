import type { Claim } from '../claims/claims.ts';
import { whyUntold } from '../words/sentences.ts';
import type { Cell, TableColumn } from './table.ts';

type Column = readonly [name: string, type: TableColumn['type'], cell: (claim: Claim) => Cell];

const columns: readonly Column[] = [
  ['claim', 'text', ({ id }) => id],
  ['family', 'text', ({ family }) => family],
  ['aspect', 'text', ({ question }) => question.seeds[0]!.treated.aspect],
  ['metric', 'text', ({ question }) => question.metric],
  ['preset', 'text', ({ question }) => question.seeds[0]!.treated.preset],
  ['explainer', 'text', ({ question }) => question.seeds[0]!.treated.explainer],
  ['labels', 'text', ({ question }) => question.seeds[0]!.treated.rest || null],
  ['level', 'number', ({ question }) => question.level],
  ['arm', 'text', ({ question }) => (question.arm === null ? null : String(question.arm))],
  ['against', 'text', ({ question: { against } }) => (against.kind === 'dense' ? 'dense' : String(against.arm))],
  ['image_set', 'text', ({ imageSet }) => imageSet],
  ['n', 'number', ({ comparison }) => comparison.n],
  ['seeds', 'number', ({ comparison }) => comparison.seeds],
  ['mean', 'number', ({ means }) => finite(means.treated)],
  ['reference', 'number', ({ means }) => finite(means.reference)],
  ['difference', 'number', ({ comparison }) => finite(comparison.difference)],
  ['low', 'number', ({ comparison }) => comparison.interval?.[0] ?? null],
  ['high', 'number', ({ comparison }) => comparison.interval?.[1] ?? null],
  ['p', 'number', ({ comparison }) => comparison.p],
  ['p_holm', 'number', ({ adjusted }) => adjusted],
  ['verdict', 'text', ({ verdict }) => verdict],
  ['why_untold', 'text', (claim) => (claim.verdict === 'cannot-tell' ? whyUntold(claim) : null)],
  ['method', 'text', ({ comparison }) => comparison.method],
  ['d_z', 'number', ({ comparison }) => comparison.standardised],
  ['dominance', 'number', ({ comparison }) => comparison.dominance],
  ['definitions', 'number', ({ definitions }) => definitions.length],
  ['definitions_same_sign', 'number', ({ definitions }) => definitions.filter(({ sameSign }) => sameSign).length],
];

/** One row per claim. */
export function claimColumns(claims: readonly Claim[]): TableColumn[] {
  return columns.map(([name, type, cell]) => ({ name, type, values: claims.map(cell) }));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
