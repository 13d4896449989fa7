import {
  type Comparison,
  comparePaired,
  comparisonOf,
  type Estimate,
  type Interval,
  type Judged,
  type JudgedMeasure,
  type PairedDesign,
} from '@espalier/numerics';
import { type Check, makeChecks } from './checks.ts';
import { type DefinitionResult, resultsUnder } from './definition-results.ts';
import { alternativesOf } from './definitions.ts';
import { pairedDesign, type Replicates, replicatesOf } from './designs.ts';
import type { Family, FamilySize } from './families.ts';
import { CorrectImages, type ImageSet, imageSetOf, imageSets } from './image-sets.ts';
import {
  type Asked,
  errorRate,
  estimateAll,
  judgeAll,
  type MeasureEstimated,
  measuresAsked,
  sizesOf,
} from './judging.ts';
import { type ArmNames, type Pair, type Question, questionsOf } from './questions.ts';
import type { ScoredSamples } from './scored-samples.ts';
import { type Verdict, verdictOf } from './verdicts.ts';

/** What a claim is about: one level, or the trend over all of them. */
export type Place =
  | { readonly kind: 'level'; readonly level: number }
  | { readonly kind: 'trend'; readonly to: number };

/** One difference between pruned models and what they are held against, with how sure it is. */
export interface Claim {
  /** Unique in the run; an anchor of the page. */
  readonly id: string;
  /** Of a trend, that of its sparsest level. */
  readonly question: Question;
  readonly place: Place;
  /** Which claims share its error rate. */
  readonly family: Family;
  readonly imageSet: ImageSet;
  /** By itself, at 95 %. */
  readonly comparison: Comparison;
  readonly replicates: Replicates;
  /** With the error rate of the family: what the verdict goes by. Null where nothing holds it. */
  readonly interval: Interval | null;
  /** The family's smallest error rate at which this is a finding; null where nothing can be told. */
  readonly adjusted: number | null;
  /** `adjusted` is known only to be no larger. */
  readonly isBound: boolean;
  /** The smallest true difference that would be found four times out of five. */
  readonly detectable: number | null;
  /** Largest difference that does not matter; null where none was declared. */
  readonly margin: number | null;
  readonly verdict: Verdict;
  /** Why it is inconclusive, as a clause; null where it is not. */
  readonly why: string | null;
  /** Mean over samples and seeds of the pruned model, and of what it is compared with; null for a trend. */
  readonly means: { readonly treated: number; readonly reference: number } | null;
  /** The same claim on the other image sets; in no family. */
  readonly elsewhere: readonly { readonly imageSet: ImageSet; readonly comparison: Comparison }[];
  readonly definitions: readonly DefinitionResult[];
}

/** The claims of a run, and how they share error rates. */
export interface Claims {
  readonly claims: readonly Claim[];
  readonly families: readonly FamilySize[];
  /** Whether explainers pass their sanity checks: a family of their own. */
  readonly checks: readonly Check[];
  readonly resamples: number;
  readonly seed: number;
}

/** What claims are about, and how they are tested. All of it is the study's, fixed before anything is measured. */
export interface ClaimOptions extends ArmNames {
  /** Metrics that the study is about; every primary score where it names none. */
  readonly endpoints: readonly string[];
  /** Largest differences that do not matter, by metric; before what metrics declare. */
  readonly margins: Readonly<Record<string, number>>;
  /** Means that pass a sanity check, by metric; before what metrics declare. */
  readonly bars: Readonly<Record<string, number>>;
  /** Images that claims are about; where it is all, metrics may choose. */
  readonly imageSet: ImageSet;
  /** Fewest bootstrap resamples; more where a family needs a finer p. */
  readonly resamples: number;
  readonly seed: number;
  /** What an image has in common with others, such as its class; undefined where that is not known. */
  readonly classOf?: (id: string) => string | undefined;
}

// The smallest p is multiplied by the measures of its family: with 80 resamples for each claim it can reach 0.025.
const resamplesPerClaim = 80;
// other image sets and definitions give signs and intervals, no p that is corrected
const fewResamples = 999;

/** Every claim of a study, judged by family. */
export function makeClaims(scores: readonly ScoredSamples[], options: ClaimOptions): Claims {
  const correct = new CorrectImages(scores);
  const asked = questionsOf(scores, options).flatMap((question): Asked[] => {
    const keep = correct.filter(imageSetOf(question, options.imageSet), question);
    return keep ? [{ question, design: pairedDesign(question.pairs, question, keep, options.classOf), keep }] : [];
  });
  const measures = measuresAsked(asked, options.endpoints);
  const resamples = Math.max(options.resamples, resamplesPerClaim * asked.length - 1);
  const estimated = estimateAll(measures, { resamples, seed: options.seed });
  const judged = judgeAll(estimated);
  const ids = new Set<string>();
  const claims = estimated.flatMap((measure, m) =>
    claimsOf(measure, judged.measures[m]!, { scores, correct, options, ids }),
  );
  return {
    ...{ claims, families: sizesOf(judged.shares, claims), resamples, seed: options.seed },
    checks: makeChecks(scores, options),
  };
}

interface Around {
  readonly scores: readonly ScoredSamples[];
  readonly correct: CorrectImages;
  readonly options: ClaimOptions;
  readonly ids: Set<string>;
}

/** The claims of a measure: its trend first. */
function claimsOf(measure: MeasureEstimated, judged: JudgedMeasure, around: Around): Claim[] {
  const { levels, estimates, family } = measure;
  const sparsest = levels.at(-1)!;
  const noShare = 'no endpoint differs, so nothing else is a finding';
  const trend =
    estimates.trend && judged.trend
      ? [
          {
            ...claimOf(sparsest.question, { kind: 'trend', to: sparsest.question.level }, family, around, {
              estimate: estimates.trend,
              judged: judged.trend,
              gate: noShare,
            }),
            ...{ means: null, elsewhere: [], definitions: [] },
          },
        ]
      : [];
  const gate = family === 'secondary' && !judged.levels[0]!.isOpen && !trend[0] ? noShare : 'its trend is no finding';
  return [
    ...trend,
    ...levels.map(({ question, keep, design }, i): Claim => {
      const place = { kind: 'level', level: question.level } as const;
      const found = { estimate: estimates.levels[i]!, judged: judged.levels[i]!, gate };
      const claim = claimOf(question, place, family, around, found);
      const { scores, correct, options } = around;
      const { difference } = claim.comparison;
      const settings = { resamples: fewResamples, seed: options.seed, classOf: options.classOf };
      return {
        ...claim,
        means: meansOf(question, design),
        elsewhere: elsewhere(question, correct, options),
        definitions: resultsUnder(alternativesOf(question, scores), { design, keep, difference }, settings),
      };
    }),
  ];
}

interface Found {
  readonly estimate: Estimate;
  readonly judged: Judged;
  readonly gate: string;
}

function claimOf(
  question: Question,
  place: Place,
  family: Family,
  { options, ids }: Around,
  { estimate, judged, gate }: Found,
): Omit<Claim, 'means' | 'elsewhere' | 'definitions'> {
  const comparison = comparisonOf(estimate, 1 - errorRate);
  const { interval, adjusted, isBound, detectable } = judged;
  const margin = options.margins[question.metric] ?? question.pairs[0]!.treated.margin;
  const empty = question.pairs.flatMap(({ treated, reference }) => treated.whyEmpty ?? reference.whyEmpty ?? []);
  return {
    id: uniqueId(question, place, ids),
    ...{ question, place, family, imageSet: imageSetOf(question, options.imageSet), comparison },
    replicates: replicatesOf(question.pairs.map(({ treated }) => treated)),
    ...{ interval, adjusted, isBound, detectable, margin },
    ...verdictOf({ comparison, judged, margin, empty, gate }),
  };
}

function meansOf({ pairs }: Question, { ids }: PairedDesign): NonNullable<Claim['means']> {
  const kept = new Set(ids);
  const meanOf = (side: keyof Pair) => {
    const parts = [...new Set(pairs.map((pair) => pair[side]))];
    const values = parts.flatMap((part) => part.values.filter((_, i) => kept.has(part.ids[i]!)));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return { treated: meanOf('treated'), reference: meanOf('reference') };
}

function elsewhere(question: Question, correct: CorrectImages, options: ClaimOptions): Claim['elsewhere'] {
  const own = imageSetOf(question, options.imageSet);
  return imageSets.flatMap((set) => {
    const keep = set === own ? null : correct.filter(set, question);
    if (!keep) return [];
    const design = pairedDesign(question.pairs, question, keep, options.classOf);
    const settings = { resamples: fewResamples, seed: options.seed };
    return [{ imageSet: set, comparison: comparePaired([design], settings)[0]! }];
  });
}

function uniqueId({ metric, arm, against, pairs }: Question, place: Place, taken: Set<string>): string {
  const { explainer, rest, node } = pairs[0]!.treated;
  const other = against.kind === 'dense' ? 'dense' : String(against.arm);
  const at = place.kind === 'trend' ? 'trend' : place.level;
  const parts = [metric, explainer, rest, arm, at, 'against', other];
  const slug = (text: unknown) => String(text ?? '').replace(/[^a-zA-Z0-9.]+/g, '-');
  const base = ['claim', ...parts.map(slug).filter((part) => part !== '')].join('-').toLowerCase();
  let id = taken.has(base) ? `${base}-${slug(node).toLowerCase()}` : base;
  for (let i = 2; taken.has(id); i++) id = `${base}-${i}`;
  taken.add(id);
  return id;
}
