export {
  concatRows,
  expectFinite,
  expectShape,
  type NdArray,
  ndArray,
  rowSize,
  rows,
  sizeOf,
  takeRows,
} from './array.ts';
export type { Batch, BatchSource } from './batches.ts';
export {
  type BankForm,
  bankForm,
  type ConceptBank,
  type ConceptDraws,
  type ConceptExtractor,
  type ConceptImages,
  type Crop,
  hasFreeSigns,
  scoredImages,
} from './concept-extractor.ts';
export {
  type Dataset,
  evidenceIn,
  type LeftOut,
  type Normalisation,
  type PixelImage,
  type Split,
  type SplitName,
  type TruthRegion,
} from './dataset.ts';
export { type ErrorCode, isErrorCode, StudyError, type StudyErrorOptions } from './errors.ts';
export { type BaselineChoice, baselineChoices, baselineOption } from './explaining/baseline-option.ts';
export {
  answersAbout,
  type ChangedImages,
  imagesPerCallOption,
  stackedImages,
  unlabelledPerCall,
} from './explaining/changed-images.ts';
export { channelReductions, channelReductionWords, reduceChannels } from './explaining/channel-reduction.ts';
export {
  type Attributions,
  type AttributionUnit,
  attributionUnits,
  type ChannelReduction,
  type Explainer,
  type Explanation,
} from './explaining/explainer.ts';
export { gradientIn, readingOption, reductionOption, spaceOption } from './explaining/gradient-options.ts';
export { type AskedMaps, pixelMaps } from './explaining/pixel-maps.ts';
export { type Label, type Labelled, labelled, labelText, type Settings } from './label.ts';
export {
  type Measurement,
  type Metric,
  omitted,
  type ScoreRole,
  type Scores,
  type ScoreWords,
  scoresOf,
} from './metric.ts';
export {
  type Given,
  type MetricInput,
  type MetricInputs,
  type MetricNeed,
  metricInputs,
  placesOf,
} from './metric-inputs.ts';
export { mostImages } from './most-images.ts';
export type { ChannelGroup, ChannelGroups, ChannelPart } from './networks/channel-groups.ts';
export type { Engine, EngineReport, NativeInstallOptions } from './networks/engine.ts';
export { type GroupOptions, groupedMasks, groupOptions, groupSparsity } from './networks/grouped-masks.ts';
export { type KernelLayout, kernelLayout } from './networks/kernel-layout.ts';
export {
  completeLayerNamed,
  type LayerOutline,
  layerNamed,
  mapLayerNamed,
  placesOfLayer,
  readLayerNamed,
} from './networks/layers.ts';
export { eachWeightOf, masksWithout } from './networks/masks-without.ts';
export type {
  Checkpoint,
  ClassIndices,
  EpochRecord,
  EpochSelection,
  InitialDistribution,
  InputSpec,
  LayerInfo,
  Masks,
  Model,
  MultiplyAccumulates,
  Numerics,
  ParameterInfo,
  ParameterRole,
  Relevance,
  TrainHooks,
  Weights,
} from './networks/model.ts';
export { type ModelAbility, modelAbilities } from './networks/model-abilities.ts';
export type { ModelFactory, ModelSpec, ModelState } from './networks/model-factory.ts';
export { excludeFindings, prunableKernels } from './networks/prunable-kernels.ts';
export {
  type CompositeOptions,
  compositeOptions,
  modifiedGradientRules,
  type RelevanceComposite,
  relevanceComposites,
  relevanceRules,
} from './networks/relevance-composites.ts';
export {
  type Operation,
  type OperationKind,
  operationKinds,
  type RelevanceRule,
  type RelevanceRules,
  type RuleEntry,
  rulesFor,
} from './networks/relevance-rules.ts';
export {
  emptiedKernels,
  levelFindings,
  levelled,
  type PrunableKernel,
  type PruneOptions,
  pruneOptions,
  type Removal,
  removals,
} from './networks/removals.ts';
export {
  type CheckedClaim,
  type ParameterCount,
  proveSparsity,
  removedByMasks,
  type SparsityClaim,
  type SparsityProof,
} from './networks/sparsity-proof.ts';
export { type TrainOptions, trainOptions } from './networks/train-options.ts';
export { type TrainingSample, trainingSample } from './networks/training-sample.ts';
export { bankFindings } from './planning/bank-findings.ts';
export {
  type LayerNeed,
  type ModelNeeds,
  needFindings,
} from './planning/model-needs.ts';
export { otherExplainerFindings } from './planning/other-explainer.ts';
export { apartFindings, baselineFindings, classFindings } from './planning/plan-findings.ts';
export {
  type DatasetOutline,
  heldOutCounts,
  type ImagesOutline,
  imagesIn,
  type ModelOutline,
  type OptionFinding,
  type Passes,
  type PlanKnowledge,
} from './planning/plan-knowledge.ts';
export {
  createFrom,
  defineMetric,
  definePlugin,
  type Kind,
  kinds,
  type ModelUse,
  type Plugin,
  type Plugins,
  type Ports,
  parseOptions,
  type Source,
  titledKinds,
} from './plugin.ts';
export { defaultPreset, type InForce, labelOf, optionsInForce, type Presets } from './presets.ts';
export { checkConceptBank } from './promises/banks.ts';
export { apiVersion, checkContract } from './promises/contract.ts';
export {
  dataOutlineOf,
  findingsOf,
  fingerprintOf,
  imageSizeOf,
  levelOf,
  memoryOf,
  modelOutlineOf,
  needsOf,
  notesOf,
  passesOf,
} from './promises/declared.ts';
export { declaredPlugins } from './promises/declared-plugins.ts';
export { checkDiagnostics, checkExplainer, checkExplanation, explainerOver } from './promises/explanations.ts';
export { checkFiles } from './promises/files.ts';
export { heldModel } from './promises/held-model.ts';
export { heldPort } from './promises/held-port.ts';
export { checkMasks, checkPruner } from './promises/masks.ts';
export { checkModel, checkWeights } from './promises/models.ts';
export { checkScores } from './promises/scores.ts';
export { checkDataset, checkImages, checkPixels, checkRegions, checkSplit } from './promises/splits.ts';
export type { PruneContext, Pruner } from './pruner.ts';
export { deriveSeed, philox, type RandomStream, randomStream } from './random/random.ts';
export { sampleStreams } from './random/sample-streams.ts';
export type { Entry, MissingInput, ModelSummary, Origin, Provenance, Reporter, ReportInputs } from './reporter.ts';
export { roundHalfEven } from './round-half-even.ts';
export { type ComputeOptions, type Progress, plainServices, type Services } from './services.ts';
export { balancedSubset, drawnOrder, holdOut, subset } from './subset.ts';
