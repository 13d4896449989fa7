import { type ComputeOptions, StudyError } from '@espalier/core';
import { canonicalJson, sha256 } from '@espalier/store';
import { withoutExecution } from '../file/execution.ts';
import type { ReadStudy } from '../file/read-study.ts';
import { studySecrets } from '../file/study-secrets.ts';
import { type Choices, studyValues } from '../file/study-values.ts';
import type { NodeCatalogue } from '../nodes/node-kind.ts';
import { builtInAlias, type NodeType, nodeTypes } from '../nodes/node-types.ts';
import type { PackageLoader, PluginPackage } from '../nodes/plugin-package.ts';
import type { PlannedOutput } from '../outputs/planned-output.ts';
import type { StudyText } from '../text/located-text.ts';
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
  /** Each after everything that it uses. */
  readonly instances: readonly PlannedInstance[];
  readonly outputs: readonly PlannedOutput[];
}

/** A study and what it is planned with. */
export interface PlanRequest {
  readonly text: StudyText;
  /** What `text` says. */
  readonly study: ReadStudy;
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
export function makePlan({ text, study, folder, choices, listed }: PlanRequest): StudyPlan {
  const problems = [...study.problems, ...studySecrets(text.value, choices.params), ...listed.problems];
  const report = (problem: Problem): void => void problems.push(problem);
  const { packages, types, failed } = listed;
  const isFailed = (alias: string): boolean => failed.has(alias) || study.isLeftOut('plugins', alias);
  const values = studyValues(study, choices, report);
  const planned = planNodes({ study, values, folder, packages, types, isFailed, report });
  const outputs = plannedOutputs(study.study.outputs, planned, report);
  const { whole } = study;
  if (problems.length === 0 && planned.instances.length === 0) report(nothingToDo);
  if (problems.length > 0 || !whole) throw problemsError(text, problems);
  return {
    fileName: text.fileName,
    folder,
    name: whole.name,
    text: text.text,
    digest: sha256(canonicalJson(withoutExecution(whole))),
    profile: values.profile,
    params: Object.fromEntries([...values.params].map(([name, { value }]) => [name, value])),
    seed: whole.seed,
    compute: values.compute,
    packages,
    instances: planned.instances,
    outputs,
  };
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
  { study }: ReadStudy,
  folder: string,
  { loader, catalogue }: { readonly loader: PackageLoader; readonly catalogue: NodeCatalogue },
): Promise<ListedPackages> {
  const packages = new Map<string, PluginPackage>();
  const failed = new Set<string>();
  const problems: Problem[] = [];
  const listed = Object.entries(study.plugins ?? {});
  // All at once: most of importing is waiting for files.
  const loaded = await Promise.allSettled(
    listed.map(async ([alias, specifier]) => {
      if (alias === builtInAlias)
        throw new StudyError('study/invalid', 'The alias "core" is taken by the nodes built in. Choose another.');
      return loader.load(specifier, folder);
    }),
  );
  for (const [index, outcome] of loaded.entries()) {
    const [alias] = listed[index]!;
    if (outcome.status === 'fulfilled') packages.set(alias, outcome.value);
    else {
      const error: unknown = outcome.reason;
      if (!StudyError.is(error)) throw error;
      failed.add(alias);
      problems.push({ code: error.code, place: { path: ['plugins', alias] }, text: error.message });
    }
  }
  return { packages, types: nodeTypes(packages, catalogue), failed, problems };
}
