import { type ComputeOptions, StudyError } from '@espalier/core';
import { canonicalJson, sha256 } from '@espalier/store';
import { withoutExecution } from '../file/execution.ts';
import type { Study } from '../file/study-schema.ts';
import { type Choices, studyValues } from '../file/study-values.ts';
import type { NodeCatalogue } from '../nodes/node-kind.ts';
import { builtInAlias, type NodeType, nodeTypes } from '../nodes/node-types.ts';
import type { PackageLoader, PluginPackage } from '../nodes/plugin-package.ts';
import type { PlannedOutput } from '../outputs/planned-output.ts';
import { includedSecrets } from '../recipes/included-secrets.ts';
import type { Include, IncludedStudy } from '../recipes/included-study.ts';
import { typeProblems } from '../recipes/param-types.ts';
import { type Problem, problemsError } from '../text/problems.ts';
import { planNodes } from './plan-nodes.ts';
import type { PlannedInstance } from './planned-instance.ts';
import { plannedOutputs } from './planned-outputs.ts';

/** Everything that a run will do, checked. */
export interface StudyPlan {
  readonly fileName: string;
  /** The study's folder: relative paths in options start here. */
  readonly folder: string;
  readonly name: string;
  readonly text: string;
  /** SHA-256 of what the study asks for: without comments, order, spaces, and how instances run. */
  readonly digest: string;
  readonly profile: string | null;
  readonly params: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly compute: ComputeOptions;
  readonly packages: ReadonlyMap<string, PluginPackage>;
  /** The recipes that the study includes, and those that these include. */
  readonly recipes: readonly PlannedRecipe[];
  /** Each after everything that it uses. */
  readonly instances: readonly PlannedInstance[];
  readonly outputs: readonly PlannedOutput[];
}

/** A recipe that a study is made of. */
export interface PlannedRecipe {
  /** The include that brings it: `protocol`, or `protocol/maps` for one in a recipe. */
  readonly name: string;
  /** `@espalier/recipes/prune-and-explain`, or a path from the study's folder. */
  readonly recipe: string;
  /** Of its package; null for a file beside the study. */
  readonly version: string | null;
  /** SHA-256 of what it says, without comments, order and spaces. */
  readonly digest: string;
  readonly text: string;
}

/** A study and what it is planned with. */
export interface PlanRequest {
  readonly study: IncludedStudy;
  /** The study's folder. */
  readonly folder: string;
  readonly choices: Choices;
  readonly listed: ListedPackages;
}

/**
 * Checks a study as a whole and expands it.
 *
 * @throws StudyError listing every problem with its place; its code is the problems' own where they agree
 */
export function makePlan({ study, folder, choices, listed }: PlanRequest): StudyPlan {
  const { read, texts } = study;
  const problems = [...study.problems, ...includedSecrets(study, choices.params), ...listed.problems];
  const report = (problem: Problem): void => void problems.push(problem);
  const { packages, types, failed } = listed;
  const isFailed = (alias: string): boolean => failed.has(alias) || study.isLeftOutAlias(alias);
  const given = new Map([...study.given].map(([name, { placed }]) => [name, placed]));
  const values = studyValues(read, given, choices, report);
  const ofTypes = typeProblems(study.given, values.params);
  ofTypes.forEach(report);
  const planned = planNodes({
    ...{ study, values, folder, packages, types, isFailed },
    report: elsewhere(ofTypes, report),
  });
  const outputs = plannedOutputs(study.outputs, planned, report);
  const { whole } = read;
  if (problems.length === 0 && planned.instances.length === 0) report(nothingToDo);
  if (problems.length > 0 || !whole) throw problemsError(texts, problems);
  return {
    fileName: texts.study.fileName,
    folder,
    name: whole.name,
    text: texts.study.text,
    digest: sha256(canonicalJson(withoutExecution(writtenOut(study, whole)))),
    profile: values.profile,
    params: Object.fromEntries([...values.params].map(([name, { value }]) => [name, value])),
    seed: whole.seed,
    compute: values.compute,
    packages,
    recipes: study.includes.map(plannedRecipe),
    instances: planned.instances,
    outputs,
  };
}

/** Tells of problems in other places: a parameter of the wrong type is wrong wherever it is used. */
function elsewhere(told: readonly Problem[], report: (problem: Problem) => void): (problem: Problem) => void {
  const places = new Set(told.map(({ place }) => JSON.stringify(place)));
  return (problem) => {
    if (!places.has(JSON.stringify(problem.place))) report(problem);
  };
}

/** What a study asks for with its recipes written out in it: where one is in another place, it is still the same. */
function writtenOut({ nodes, outputs, plugins, includes, given }: IncludedStudy, whole: Study): Study {
  if (includes.length === 0) return whole;
  const { include: _, ...rest } = whole;
  return {
    ...rest,
    params: { ...whole.params, ...Object.fromEntries([...given].map(([name, { placed }]) => [name, placed.value])) },
    plugins: Object.fromEntries([...plugins].map(([alias, { specifier }]) => [alias, specifier])),
    nodes: Object.fromEntries([...nodes].map(([name, { value }]) => [name, value as Study['nodes'][string]])), // well formed
    outputs: Object.fromEntries([...outputs].flatMap(([path, edge]) => (edge ? [[path, edge.value]] : []))),
  };
}

function plannedRecipe({ name, file, value }: Include): PlannedRecipe {
  const { name: recipe, version, source } = file;
  return { name, recipe, version, digest: sha256(canonicalJson(value)), text: source };
}

const nothingToDo: Problem = {
  code: 'study/invalid',
  place: { path: ['nodes'] },
  text: 'Expected at least one node; found none, so there is nothing to run. Add a node, for example the dataset.',
};

/** The packages that a study lists, by alias. */
export interface ListedPackages {
  readonly packages: ReadonlyMap<string, PluginPackage>;
  /** What their plugins and the nodes built in are called in this study. */
  readonly types: ReadonlyMap<string, NodeType>;
  /** The aliases whose package could not be loaded, each with a problem. */
  readonly failed: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

/** Loads the packages that a study lists. */
export async function loadPackages(
  { plugins }: Pick<IncludedStudy, 'plugins'>,
  folder: string,
  { loader, catalogue }: { readonly loader: PackageLoader; readonly catalogue: NodeCatalogue },
): Promise<ListedPackages> {
  const packages = new Map<string, PluginPackage>();
  const failed = new Set<string>();
  const problems: Problem[] = [];
  const listed = [...plugins];
  // All at once: most of importing is waiting for files.
  const loaded = await Promise.allSettled(
    listed.map(async ([alias, { specifier }]) => {
      if (alias === builtInAlias)
        throw new StudyError('study/invalid', 'The alias "core" is taken by the nodes built in. Choose another.');
      return loader.load(specifier, folder);
    }),
  );
  for (const [index, outcome] of loaded.entries()) {
    const [alias, { place }] = listed[index]!;
    if (outcome.status === 'fulfilled') packages.set(alias, outcome.value);
    else {
      const error: unknown = outcome.reason;
      if (!StudyError.is(error)) throw error;
      failed.add(alias);
      problems.push({ code: error.code, place, text: error.message });
    }
  }
  return { packages, types: nodeTypes(packages, catalogue), failed, problems };
}
