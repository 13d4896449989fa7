import { findingOf, type Pairing, type RecordedClaim } from '@espalier/analysis';
import type { ComparedRun } from '../../runs/compared-run.ts';
import type { Comparison } from './comparison.ts';

/** A comparison as plain JSON: everything that the page has but the curves. */
export function comparisonJson(comparison: Comparison): object {
  const { a, b, isSame, settings, differing, agreeing, single } = comparison;
  return {
    ...{ a: sideJson(a), b: sideJson(b), isSame },
    settings: settings.map(({ area, name, a: own, b: other }) => ({ area, name, a: own ?? null, b: other ?? null })),
    claims: { differing: differing.map(pairJson), agreeing: agreeing.map(pairJson), single: single.map(pairJson) },
  };
}

function sideJson({ name, run, results: { study, seed }, digest }: ComparedRun): object {
  const { name: called, profile, digest: of } = study;
  return {
    name,
    study: { name: called, profile, digest: of, seed },
    startedAt: run?.startedAt ?? null,
    command: run?.command ?? null,
    resultsDigest: digest,
  };
}

function pairJson({ a, b }: Pairing<RecordedClaim>): object {
  const { metric, name, explainer, labels, arm, against, place } = (a ?? b)!;
  return { metric, name, explainer, labels, arm, against, place, a: claimJson(a), b: claimJson(b) };
}

function claimJson(claim: RecordedClaim | null): object | null {
  if (!claim) return null;
  const { id, family, preset, imageSet, verdict, difference, interval, margin, why } = claim;
  return { id, family, preset, imageSet, verdict, finding: findingOf(claim), difference, interval, margin, why };
}
