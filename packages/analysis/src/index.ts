export { type Claim, type ClaimOptions, type Claims, makeClaims } from './claims/claims.ts';
export type { Family } from './claims/families.ts';
export { imageSets, imageSetText } from './claims/image-sets.ts';
export { controlOf, type Measure } from './claims/measures.ts';
export { type ScoredSamples, scoredSamples } from './claims/scored-samples.ts';
export {
  conceptLevels,
  explainerName,
  imageLevels,
  type MetricColumn,
  metricColumns,
  numberText,
  ordered,
  seriesName,
} from './results/columns.ts';
export { type ConceptSummary, readConcepts, summariseBank } from './results/concepts.ts';
export { type Gap, gapsOf } from './results/gaps.ts';
export { type ClassLineage, type LineageResult, readLineages } from './results/lineage.ts';
export { matrixColumn } from './results/matrix-column.ts';
export { type LevelResult, overSeeds } from './results/over-seeds.ts';
export { SampleLookup } from './results/sample-lookup.ts';
export { readScores } from './results/score-results.ts';
export { type AxisNames, compareOrigins, uncomparedLabels } from './study/axes.ts';
export { inheritedEpochs } from './study/inherited-epochs.ts';
export { type Level, levelKey, levelName, levelPosition, levelsOf } from './study/levels.ts';
export { type ModelRecord, modelOf, readModels } from './study/models.ts';
export { claimColumns } from './tables/claims-table.ts';
export { sorted, writeResultsJson } from './tables/results-json.ts';
export { ScoreTable } from './tables/score-table.ts';
export { summaryColumns } from './tables/summary-table.ts';
export type { Cell, TableColumn } from './tables/table.ts';
export { conceptMetrics } from './text/concept-names.ts';
export { explainerNames, metricText, type Named } from './text/names.ts';
export { count, decimal, fixedPercent, percent, significant, span, whole } from './text/numbers.ts';
export { type Answer, aspectTitle, familiesText, wordAnswer } from './words/answer.ts';
export type { AspectAnswer } from './words/answer-lines.ts';
export { caveatsOf } from './words/caveats.ts';
export { differenceText, intervalText, pText } from './words/differences.ts';
export { leftOutText } from './words/left-out.ts';
export { levelText } from './words/level-words.ts';
export { isChange, type Phrase, plainText, type Sentence, whyUntold } from './words/sentences.ts';
