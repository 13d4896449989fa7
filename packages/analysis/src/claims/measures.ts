import type { ScoreRole } from '@espalier/core';
import { group } from 'd3-array';
import type { Claim } from './claims.ts';

/** The claims of one metric of one series: what one sentence of the answer is about. */
export interface Measure {
  readonly aspect: string;
  readonly family: ScoreRole;
  readonly metric: string;
  readonly words: Claim['question']['words'];
  readonly preset: string;
  readonly explainer: string | null;
  /** What else tells it from other measures of its metric: labels, the arm where there is no treatment. */
  readonly rest: string;
  /** Against the dense model, in order of level. */
  readonly dense: readonly Claim[];
  /** Against each control, in order of level. */
  readonly controls: ReadonlyMap<string, readonly Claim[]>;
}

/** Claims by measure, in their order. */
export function measuresOf(claims: readonly Claim[]): Measure[] {
  const arms = new Set(claims.map(({ question }) => question.arm)).size;
  const key = ({ question }: Claim) => {
    const { metric, preset, explainer, rest, node } = question.seeds[0]!.treated;
    return JSON.stringify([metric, preset, explainer, rest, node, question.arm]);
  };
  return [...group(claims, key).values()].map((own): Measure => {
    const { question, family } = own[0]!;
    const { aspect, metric, words, preset, explainer, rest } = question.seeds[0]!.treated;
    const parts = [rest, arms > 1 ? String(question.arm) : ''].filter((part) => part !== '');
    const against = own.filter((claim) => claim.question.against.kind === 'control');
    return {
      ...{ aspect, family, metric, words, preset, explainer, rest: parts.join(', ') },
      dense: own.filter((claim) => claim.question.against.kind === 'dense'),
      controls: group(against, controlOf),
    };
  });
}

/** The control arm of a claim; empty for a claim against dense. */
export function controlOf({ question: { against } }: Claim): string {
  return against.kind === 'control' ? String(against.arm) : '';
}
