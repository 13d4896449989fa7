import { group } from 'd3-array';
import { explainerName } from '../results/series.ts';
import type { Claim } from './claims.ts';
import { againstText } from './measures.ts';

/** What a publication says becomes of a score where models are pruned. */
export const sayings = ['higher', 'lower', 'unchanged', 'not-higher', 'not-lower'] as const;

/** Which of a study's claims would show what a publication claims. */
export interface PublishedTest {
  readonly metric: string;
  /** The method as people call it; of every one if absent. */
  readonly explainer?: string | undefined;
  /** Labels that the models have beside arm, level and seed; any if absent. */
  readonly labels?: Readonly<Record<string, string | number>> | undefined;
  /** Label of the arm that it is about; the one that the report asks about if absent. */
  readonly arm?: string | undefined;
  /** What pruned models are held against: the label of an arm, or `dense`. */
  readonly against: string;
  /** Lowest and highest sparsity that it is about. */
  readonly levels: readonly [number, number];
  readonly says: (typeof sayings)[number];
  /** Whether it is claimed of every level and explainer that is asked, or of one at least. */
  readonly of: 'all' | 'some';
}

/** A claim of a publication as data. */
export interface PublishedClaim {
  /** Whose it is, in a few words. */
  readonly publication: string;
  readonly text: string;
  /** Where in the publication it stands. */
  readonly stands: string;
  /** Null where nothing that is measured would show it; `why` says why. */
  readonly test: PublishedTest | null;
  readonly why: string | null;
}

/** What a study's own claims say of a published one. */
export type Outcome = 'supported' | 'partly supported' | 'mixed' | 'contradicted' | 'inconclusive' | 'not measured';

/** A published claim beside what was found. */
export interface JudgedClaim {
  readonly published: PublishedClaim;
  /** Labels of the models that this is about, where the study has several such: `network=small`; else empty. */
  readonly where: string;
  /** Held against what the publication held it against. */
  readonly asPublished: Found;
  /** Held against the study's own control; null where that is the same, or there is none. */
  readonly besideControl: (Found & { readonly control: string }) | null;
}

/** How many of a study's claims speak for a published one and against it. */
export interface Found {
  readonly outcome: Outcome;
  readonly supporting: readonly Claim[];
  readonly contradicting: readonly Claim[];
  /** All that were asked, these among them. */
  readonly asked: readonly Claim[];
}

/**
 * Published claims beside a study's own, at its levels and by its verdicts: what is equivalent is unchanged. Where a study has models of
 * several labels, such as networks, a claim is judged of each by itself.
 */
export function judgePublished(
  published: readonly PublishedClaim[],
  claims: readonly Claim[],
  explainers: ReadonlyMap<string, string>,
): JudgedClaim[] {
  return published.flatMap((one) => {
    const { test } = one;
    const asked = test ? claims.filter((claim) => isAsked(test, claim, explainers)) : [];
    const labels = [...group(asked, labelsOf)];
    const shared = labels.reduce(
      (common, [own]) => common.filter((part) => partsOf(own).includes(part)),
      partsOf(labels[0]?.[0]),
    );
    const without = (own: string) =>
      partsOf(own)
        .filter((part) => !shared.includes(part))
        .join(', ');
    return test && labels.length > 0
      ? labels.map(([own, found]) => judged(one, test, found, without(own)))
      : [{ published: one, where: '', asPublished: foundBy(test, []), besideControl: null }];
  });
}

function judged(published: PublishedClaim, test: PublishedTest, asked: readonly Claim[], where: string): JudgedClaim {
  const own = asked.filter((claim) => claim.question.isMain && againstText(claim) !== test.against);
  const asPublished = foundBy(
    test,
    asked.filter((claim) => againstText(claim) === test.against),
  );
  const besideControl = own.length > 0 ? { ...foundBy(test, own), control: againstText(own[0]!) } : null;
  return { published, where, asPublished, besideControl };
}

/** `network=small, width=8` */
function labelsOf({ question }: Claim): string {
  return question.pairs[0]!.treated.rest;
}

function partsOf(labels = ''): readonly string[] {
  return labels.split(', ');
}

function isAsked(test: PublishedTest, claim: Claim, explainers: ReadonlyMap<string, string>): boolean {
  const { metric, level, arm, pairs } = claim.question;
  const { explainer } = pairs[0]!.treated;
  const shown = explainerName({ explainers }, explainer);
  return (
    claim.place.kind === 'level' &&
    metric === test.metric &&
    level >= test.levels[0] &&
    level <= test.levels[1] &&
    (test.arm === undefined || test.arm === String(arm)) &&
    (test.explainer === undefined || `${shown} (`.startsWith(`${test.explainer} (`)) &&
    Object.entries(test.labels ?? {}).every(([axis, label]) => partsOf(labelsOf(claim)).includes(`${axis}=${label}`))
  );
}

function foundBy(test: PublishedTest | null, asked: readonly Claim[]): Found {
  const says = test?.says ?? 'unchanged';
  const supporting = asked.filter((claim) => shown(claim) !== null && agrees[says].includes(shown(claim)!));
  const contradicting = asked.filter((claim) => shown(claim) !== null && !supporting.includes(claim));
  const [all, yes, no] = [asked.length, supporting.length, contradicting.length];
  return {
    outcome: test?.of === 'some' ? ofSome(all, yes, no) : ofAll(all, yes, no),
    supporting,
    contradicting,
    asked,
  };
}

const agrees: Readonly<Record<(typeof sayings)[number], readonly string[]>> = {
  higher: ['higher'],
  lower: ['lower'],
  unchanged: ['unchanged'],
  'not-higher': ['lower', 'unchanged'],
  'not-lower': ['higher', 'unchanged'],
};

/** What a claim shows; null where it is inconclusive. */
function shown({ verdict, comparison }: Claim): 'higher' | 'lower' | 'unchanged' | null {
  if (verdict === 'inconclusive') return null;
  if (verdict === 'equivalent') return 'unchanged';
  return comparison.difference > 0 ? 'higher' : 'lower';
}

function ofAll(all: number, yes: number, no: number): Outcome {
  if (all === 0) return 'not measured';
  if (no > 0) return yes > 0 ? 'mixed' : 'contradicted';
  if (yes === 0) return 'inconclusive';
  return yes === all ? 'supported' : 'partly supported';
}

function ofSome(all: number, yes: number, no: number): Outcome {
  if (all === 0) return 'not measured';
  if (yes > 0) return 'supported';
  return no === all ? 'contradicted' : 'inconclusive';
}
