import type { Question } from './questions.ts';

/** Claims that share an error rate. Which family a claim is in follows from the study alone, never from what was found. */
export const families = ['endpoints', 'secondary', 'controls', 'background', 'sanity-check', 'companion'] as const;

/** The name of a family of claims. */
export type Family = (typeof families)[number];

/** Each family in words. */
export const familyText: Readonly<Record<Family, string>> = {
  endpoints: 'the endpoints',
  secondary: 'the other measures',
  controls: 'the endpoints and other measures against further controls',
  background: 'the endpoints and other measures against the dense network',
  'sanity-check': 'the sanity checks',
  companion: 'the companions: nulls, diagnostics, other readings',
};

/** What a family holds. */
export interface FamilySize {
  readonly family: Family;
  /** Measures, which share the error rate equally. */
  readonly measures: number;
  readonly claims: number;
  /** Claims without an interval: they keep their part of the error rate. */
  readonly untestable: number;
  /** Part of the error rate that the family has to spend, in [0, 1]. */
  readonly share: number;
}

/**
 * The family of a question.
 * @param endpoints metrics that the study is about; every primary score where it names none
 */
export function familyOf(question: Question, endpoints: readonly string[]): Family {
  const { role } = question.pairs[0]!.treated;
  if (role !== 'primary') return role;
  if (!question.isMain) return question.against.kind === 'dense' ? 'background' : 'controls';
  return endpoints.length === 0 || endpoints.includes(question.metric) ? 'endpoints' : 'secondary';
}
