export { type ConceptsFor, conceptLaws, describeConcepts } from './concept-laws.ts';
export { type DatasetFor, datasetLaws, describeDataset } from './dataset-laws.ts';
export { describeExplainer, type ExplainerFor, explainerLaws } from './explainer-laws.ts';
export { describeMetric, expectBatchInvariance, type MetricFor, metricLaws } from './metric-laws.ts';
export { describeModel, type ModelMaker, modelLaws } from './model-laws.ts';
export { describePruner, type PrunerFor, prunerLaws } from './pruner-laws.ts';
export { describeReporter, type ReporterFor, reporterLaws } from './reporter-laws.ts';
export { type ToySizes, toyModel } from './toy-model.ts';
export { splitOf, toySplit } from './toy-split.ts';
