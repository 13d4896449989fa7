import type { ScoreRole, Settings } from '@espalier/core';
import { type Comparison, comparePaired, crossSeeds, type PairedDesign } from '@espalier/numerics';
import { type Alternative, alternativesOf } from './definitions.ts';
import { correctedByFamily, type FamilySize } from './families.ts';
import { CorrectImages, type ImageSet, imageSets } from './image-sets.ts';
import { type ArmNames, type Question, questionsOf } from './questions.ts';
import type { ScoredSamples } from './scored-samples.ts';

/** What a claim comes to. Only `higher` and `lower` may be worded as a change. */
export type Verdict = 'higher' | 'lower' | 'not-shown' | 'identical' | 'cannot-tell';

/** Level of the intervals, and of the family's error after Holm's correction. */
export const confidence = 0.95;

/** One difference between a pruned model and what it is held against, with how sure it is. */
export interface Claim {
  /** Unique in the run; an anchor of the page. */
  readonly id: string;
  readonly question: Question;
  /** Which claims it is corrected with. */
  readonly family: ScoreRole;
  readonly imageSet: ImageSet;
  readonly comparison: Comparison;
  /** Mean over samples and seeds of the pruned model, and of what it is compared with. */
  readonly means: { readonly treated: number; readonly reference: number };
  /** After Holm's correction over the family; null where nothing can be told. */
  readonly adjusted: number | null;
  readonly verdict: Verdict;
  /** The same claim on the other image sets; no part of the family. */
  readonly elsewhere: readonly { readonly imageSet: ImageSet; readonly comparison: Comparison }[];
  readonly definitions: readonly DefinitionResult[];
}

/** The same claim under another definition; no part of the family. */
export interface DefinitionResult {
  readonly name: string;
  readonly settings: Settings;
  readonly difference: number;
  readonly interval: readonly [number, number] | null;
  /** The difference points where the claim's points. */
  readonly sameSign: boolean;
}

/** The claims of a run, and how they were corrected. */
export interface Claims {
  readonly claims: readonly Claim[];
  /** How many claims were corrected together: those with a p value. */
  readonly families: readonly FamilySize[];
  readonly resamples: number;
  readonly seed: number;
}

/** What claims are about, and how they are tested. */
export interface ClaimOptions extends ArmNames {
  readonly imageSet: ImageSet;
  /** Fewest bootstrap resamples; more where the family needs a finer p. */
  readonly resamples: number;
  readonly seed: number;
}

// Holm multiplies the smallest p by the size of the family: with 80 resamples for each claim it can reach 0.025.
const resamplesPerClaim = 80;
// other image sets and definitions give signs and intervals, no p that is corrected
const fewResamples = 999;

/** Every claim of a study, corrected by family. */
export function makeClaims(scores: readonly ScoredSamples[], options: ClaimOptions): Claims {
  const correct = new CorrectImages(scores);
  const asked = questionsOf(scores, options);
  const questions = asked.filter((question) => correct.filter(options.imageSet, question) !== null);
  const keeps = questions.map((question) => correct.filter(options.imageSet, question)!);
  const designs = questions.map(({ seeds }, i) => crossSeeds(seeds, keeps[i]!));
  const resamples = Math.max(options.resamples, resamplesPerClaim * questions.length - 1);
  const { seed } = options;
  const comparisons = comparePaired(designs, { resamples, seed, level: confidence });
  const tests = questions.map((question, i) => ({ family: question.seeds[0]!.treated.role, p: comparisons[i]!.p }));
  const { adjusted: corrected, sizes } = correctedByFamily(tests);
  const ids = new Set<string>();
  const claims = questions.map((question, i): Claim => {
    const comparison = comparisons[i]!;
    const adjusted = corrected[i]!;
    return {
      id: uniqueId(question, ids),
      ...{ question, family: tests[i]!.family, imageSet: options.imageSet, comparison, adjusted },
      means: meansOf(question, designs[i]!),
      verdict: verdictOf(comparison, adjusted),
      elsewhere: elsewhere(question, correct, options),
      definitions: definitionsOf(alternativesOf(question, scores), keeps[i]!, comparison.difference, seed),
    };
  });
  return { claims, families: sizes, resamples, seed };
}

function verdictOf({ interval, p, difference, higher, lower }: Comparison, adjusted: number | null): Verdict {
  if (p === null || adjusted === null) return 'cannot-tell';
  if (higher === 0 && lower === 0) return 'identical';
  const excludesZero = interval !== null && (interval[0] > 0 || interval[1] < 0);
  if (!excludesZero || adjusted > 1 - confidence + 1e-12) return 'not-shown';
  return difference > 0 ? 'higher' : 'lower';
}

function meansOf({ seeds }: Question, { ids }: PairedDesign): Claim['means'] {
  const kept = new Set(ids);
  const meanOf = (parts: readonly ScoredSamples[]) => {
    const values = parts.flatMap((part) => part.values.filter((_, i) => kept.has(part.ids[i]!)));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const [treated, reference] = [seeds.map((seed) => seed.treated), seeds.map((seed) => seed.reference)];
  return { treated: meanOf(treated), reference: meanOf(reference) };
}

function elsewhere(question: Question, correct: CorrectImages, { imageSet, seed }: ClaimOptions): Claim['elsewhere'] {
  return imageSets.flatMap((set) => {
    const keep = set === imageSet ? null : correct.filter(set, question);
    if (!keep) return [];
    const design = crossSeeds(question.seeds, keep);
    return [{ imageSet: set, comparison: comparePaired([design], { resamples: fewResamples, seed })[0]! }];
  });
}

function definitionsOf(
  alternatives: readonly Alternative[],
  keep: (id: string) => boolean,
  difference: number,
  seed: number,
): DefinitionResult[] {
  const designs = alternatives.map(({ seeds }) => crossSeeds(seeds, keep));
  return comparePaired(designs, { resamples: fewResamples, seed }).map((comparison, i) => ({
    name: alternatives[i]!.name,
    settings: alternatives[i]!.settings,
    difference: comparison.difference,
    interval: comparison.interval,
    sameSign: difference !== 0 && Math.sign(comparison.difference) === Math.sign(difference),
  }));
}

function uniqueId({ metric, level, arm, against, seeds }: Question, taken: Set<string>): string {
  const { explainer, rest, node } = seeds[0]!.treated;
  const other = against.kind === 'dense' ? 'dense' : String(against.arm);
  const parts = [metric, explainer, rest, arm, level, 'against', other];
  const slug = (text: unknown) => String(text ?? '').replace(/[^a-zA-Z0-9.]+/g, '-');
  const base = ['claim', ...parts.map(slug).filter((part) => part !== '')].join('-').toLowerCase();
  let id = taken.has(base) ? `${base}-${slug(node).toLowerCase()}` : base;
  for (let i = 2; taken.has(id); i++) id = `${base}-${i}`;
  taken.add(id);
  return id;
}
