import type { ReportInputs, Split } from '@espalier/core';
import { type ClaimOptions, type Claims, makeClaims } from './claims/claims.ts';
import { type JudgedClaim, judgePublished, type PublishedClaim } from './claims/published-claims.ts';
import { type ScoredSamples, scoredSamples } from './claims/scored-samples.ts';
import { type ConceptResult, readConcepts } from './results/concepts.ts';
import { type Gap, gapsOf } from './results/gaps.ts';
import { type LineageResult, readLineages } from './results/lineage.ts';
import { overSeeds } from './results/over-seeds.ts';
import { readScores, type ScoreResult, type ScoreVisitor } from './results/score-results.ts';
import { explainerNames, type NamedResults } from './results/series.ts';
import type { AxisNames } from './study/axes.ts';
import type { ModelRecord } from './study/models.ts';
import { type Answer, wordAnswer } from './words/answer.ts';
import { caveatsOf, unmeasuredText } from './words/caveats.ts';
import { checksSentence } from './words/checks.ts';
import type { Phrase } from './words/phrases.ts';
import { versionText } from './words/versions.ts';

/** What a study found: results, claims, and the answer in words. Summaries, no arrays. */
export interface Analysis extends NamedResults {
  readonly models: readonly ModelRecord[];
  /** Every score of every instance. */
  readonly scores: readonly ScoreResult[];
  readonly claims: Claims;
  /** The claims in words; null where nothing could be compared. */
  readonly answer: Answer | null;
  /** Which version of the study it is, and how many were reported before. */
  readonly version: string;
  /** Whether explainers pass their sanity checks, in a sentence; null where none has a bar. */
  readonly checked: readonly Phrase[] | null;
  /** What others claim, beside what was found. */
  readonly judged: readonly JudgedClaim[];
  /** What failed or has no value: said before the answer. */
  readonly gaps: readonly Gap[];
  /** What the labels of the models may make a reader believe. */
  readonly caveats: readonly string[];
  readonly concepts: readonly ConceptResult[];
  readonly lineages: readonly LineageResult[];
}

/** How results are read and compared. */
export interface AnalysisOptions
  extends Pick<ClaimOptions, 'endpoints' | 'margins' | 'bars' | 'imageSet' | 'resamples'> {
  readonly axes: AxisNames;
  /** Least correlation of codes at which concepts of two models count as one. */
  readonly lineageThreshold: number;
  /** What others claim of pruned models. */
  readonly publishedClaims: readonly PublishedClaim[];
  /** Explainers that are shown beside those of the scores. */
  readonly explained: readonly Pick<ScoreResult, 'explainer' | 'explainerName'>[];
}

/**
 * Scores to results, comparisons, verdicts and words. Artifacts are loaded one at a time and let go before the next.
 *
 * @param models of the run, as `readModels` reads them
 * @param visit sees each score while it is in memory
 * @throws StudyError `core/values-not-finite` when a score is NaN or infinite, naming instance and metric
 */
export async function analyse(
  { scores: entries, concepts, missing, provenance, images }: ReportInputs,
  models: readonly ModelRecord[],
  { axes, lineageThreshold, explained, publishedClaims, ...asked }: AnalysisOptions,
  visit: ScoreVisitor,
): Promise<Analysis> {
  const compared: ScoredSamples[] = [];
  const scores = await readScores(entries, models, axes, (measured, result) => {
    const samples = scoredSamples(measured, result);
    if (samples) compared.push(samples);
    visit(measured, result);
  });
  const claims = makeClaims(compared, {
    ...{ treatment: axes.treatment, control: axes.control, seed: provenance.seed, ...asked },
    classOf: classesOf(images),
  });
  const explainers = explainerNames([...scores, ...explained]);
  return {
    ...{ models, scores, claims, explainers },
    levels: overSeeds(scores.filter(({ alternative }) => alternative === null)),
    answer: wordAnswer(claims, explainers),
    checked: checksSentence(claims.checks, explainers),
    version: versionText(provenance),
    judged: judgePublished(publishedClaims, claims.claims, explainers),
    gaps: gapsOf(missing, scores),
    caveats: [
      ...caveatsOf(models, axes),
      ...unmeasuredText(
        asked.endpoints,
        scores.map(({ metric }) => metric),
      ),
    ],
    concepts: await readConcepts(concepts),
    lineages: await readLineages(concepts, models, { axes, threshold: lineageThreshold }),
  };
}

/** The class of an image by its id. */
function classesOf({ ids, labels, classes }: Split): (id: string) => string | undefined {
  const byId = new Map(ids.map((id, i) => [id, classes[labels[i]!]]));
  return (id) => byId.get(id);
}
