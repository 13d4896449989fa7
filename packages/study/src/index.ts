export type { Source } from './axes/expand.ts';
export { editorSchema } from './editor/editor-schema.ts';
export { recipeEditorSchema } from './editor/recipe-editor-schema.ts';
export type { ArtifactKind } from './file/artifact-kinds.ts';
export { localName } from './file/connected-node.ts';
export type { Execution, Resources, RetryReason } from './file/execution.ts';
export { bytesOf, milliseconds } from './file/quantities.ts';
export { type ReadStudy, readStudy } from './file/read-study.ts';
export { withoutDefaults } from './nodes/key-options.ts';
export type { Arithmetic, InputPort, KindKnowledge, NodeCatalogue, NodeKind } from './nodes/node-kind.ts';
export { type JsonSchema, nodeTypes, recordOf, typeOptionsSchema } from './nodes/node-types.ts';
export type { PackageLoader, PluginPackage } from './nodes/plugin-package.ts';
export { clashFinder } from './outputs/output-clashes.ts';
export { fileNameOf, foldedPath, longestName, pathProblem } from './outputs/output-names.ts';
export { endings, pathBeside, pathInside, sourcePath } from './outputs/output-paths.ts';
export type { PlannedOutput } from './outputs/planned-output.ts';
export { memoryEstimates } from './plan/memory-estimate.ts';
export { type NetworkPasses, networkPasses, type PlannedPasses } from './plan/network-passes.ts';
export { dot, mermaid, nodeGraph, svg } from './plan/node-graph.ts';
export {
  type ListedPackages,
  loadPackages,
  makePlan,
  type PlannedRecipe,
  type PlanRequest,
  type StudyPlan,
} from './plan/plan.ts';
export { planNotes } from './plan/plan-notes.ts';
export type { PlannedInstance } from './plan/planned-instance.ts';
export { type RecordedAsks, type RecordedStudy, recordedAsks } from './plan/recorded-asks.ts';
export { matching, type SelectedPlan, type Selection, selected } from './plan/selection.ts';
export { sourcesOf } from './plan/sources.ts';
export { topologicalOrder } from './plan/topological-order.ts';
export { includedSecrets } from './recipes/included-secrets.ts';
export { type IncludedStudy, includeRecipes } from './recipes/included-study.ts';
export type { RecipeFile, RecipeLoader } from './recipes/recipe-loader.ts';
export type { StudyText } from './text/located-text.ts';
export { entity } from './text/markup.ts';
export { more, mostProblems, pointer, problemsError, shown, suggestion } from './text/problems.ts';
export { largestText, parseStudyText } from './text/study-text.ts';
export { deepest, isTooDeep } from './text/text-bounds.ts';
