export { type Analysis, type AnalysisOptions, analyse } from './analyse.ts';
export type { Check, CheckVerdict } from './claims/checks.ts';
export { type Claim, type ClaimOptions, type Claims, makeClaims } from './claims/claims.ts';
export { definitionCounts } from './claims/definition-results.ts';
export { type Family, type FamilySize, familyText } from './claims/families.ts';
export { imageSets } from './claims/image-sets.ts';
export { againstText, type Comparisons, claimsOfMeasure, type Measure } from './claims/measures.ts';
export { type JudgedClaim, judgePublished, type PublishedClaim, sayings } from './claims/published-claims.ts';
export type { ScoredSamples } from './claims/scored-samples.ts';
export type { Verdict } from './claims/verdicts.ts';
export {
  compareResults,
  type Finding,
  findingOf,
  type MeasurePairing,
  type RecordedSeries,
  type ResultsComparison,
} from './comparing/compare-results.ts';
export type { Pairing } from './comparing/pairing.ts';
export {
  largestResults,
  type RecordedClaim,
  type RecordedLevel,
  type Results,
  readResults,
} from './comparing/results-file.ts';
export { type BankSummary, type ConceptSummary, rankedConcepts, summariseBank } from './results/concepts.ts';
export type { Gap } from './results/gaps.ts';
export type { ClassLineage, LineageResult } from './results/lineage.ts';
export { matrixColumn } from './results/matrix-column.ts';
export type { LevelResult } from './results/over-seeds.ts';
export { type ImageAnswer, SampleLookup } from './results/sample-lookup.ts';
export type { ScoreResult } from './results/score-results.ts';
export { explainerName, type NamedResults, type ScoreSeries, seriesOf } from './results/series.ts';
export { type AxisNames, compareOrigins, uncomparedLabels, withoutAxes } from './study/axes.ts';
export { type Level, levelKey, levelName, levelPosition, levelsOf } from './study/levels.ts';
export { inheritedEpochs, type ModelRecord, modelOf, readModels } from './study/models.ts';
export { claimColumns } from './tables/claims-table.ts';
export { resultsJson, sorted } from './tables/results-json.ts';
export { ScoreTable } from './tables/score-table.ts';
export { summaryColumns } from './tables/summary-table.ts';
export type { Cell, TableColumn } from './tables/table.ts';
export { count, decimal, fixedPercent, listed, percent, significant, span, whole } from './text/numbers.ts';
export { isShare, sizeText, valueText, type Worded } from './text/score-words.ts';
export {
  type Answer,
  type AspectAnswer,
  aspectTitle,
  familiesText,
  imageSetsText,
  wordAnswer,
} from './words/answer.ts';
export { leftOutText } from './words/caveats.ts';
export { checkName, checkNumbers, checksSentence } from './words/checks.ts';
export { type Design, detectableText } from './words/design.ts';
export { differenceText, intervalText, plainSize, pText, sizeEitherWay } from './words/differences.ts';
export { levelText, placeText } from './words/level-words.ts';
export { type Phrase, plainText } from './words/phrases.ts';
export { foundPhrases, testText } from './words/published.ts';
export { decisive, outcomeOf, type Sentence } from './words/sentences.ts';
