import { type ComputeOptions, StudyError } from '@espalier/core';
import { canonicalJson, sha256 } from '@espalier/store';
import { shapeSchema } from '../editor/shape-schema.ts';
import { withoutExecution } from '../file/execution.ts';
import { studySchema } from '../file/study-schema.ts';
import { studySecrets } from '../file/study-secrets.ts';
import { type Choices, studyValues } from '../file/study-values.ts';
import type { NodeCatalogue } from '../nodes/node-kind.ts';
import { builtInAlias, type NodeType, nodeTypes } from '../nodes/node-types.ts';
import type { PackageLoader, PluginPackage } from '../nodes/plugin-package.ts';
import type { PlannedOutput } from '../outputs/planned-output.ts';
import type { StudyText } from '../text/located-text.ts';
import { type Place, type Problem, problemsError } from '../text/problems.ts';
import { fields, part, written } from '../text/sourced.ts';
import { type PlanNodesRequest, planNodes } from './plan-nodes.ts';
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

/**
 * Checks a study as a whole and expands it.
 *
 * @param folder the study's folder
 * @throws StudyError listing every problem with its place; its code is the problems' own where they agree
 */
export async function makePlan(
  text: StudyText,
  folder: string,
  choices: Choices,
  { packages, types, failed, problems }: ListedPackages,
): Promise<StudyPlan> {
  const listed: readonly Problem[] = [...studySecrets(text.value, choices.params), ...problems];
  const parts = { text, folder, choices, types, failedAliases: failed, packages };
  const sound = studySchema.safeParse(text.value).success && listed.length === 0 ? expanded(parts, []) : undefined;
  const { values, planned, outputs } =
    sound?.problems.length === 0 && sound.planned.instances.length > 0 ? sound : await expandedOrRefused(parts, listed);
  const study = text.value as { name: string; seed: number }; // the shape check has seen it
  return {
    fileName: text.fileName,
    folder,
    name: study.name,
    text: text.text,
    digest: sha256(canonicalJson(withoutExecution(text.value))),
    profile: values.profile,
    params: Object.fromEntries([...values.params].map(([name, { value }]) => [name, value])),
    seed: study.seed,
    compute: values.compute,
    packages,
    instances: planned.instances,
    outputs,
  };
}

type Parts = Pick<PlanNodesRequest, 'folder' | 'types' | 'failedAliases' | 'packages'> & {
  readonly text: StudyText;
  readonly choices: Choices;
};

function expanded({ text, choices, ...rest }: Parts, shape: readonly Problem[]) {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const values = studyValues(text.value, choices, report);
  const planned = planNodes({ ...rest, study: text.value, values, shape, report });
  const outputs = plannedOutputs(text.value, planned, report);
  return { values, planned, outputs, problems };
}

/**
 * Expands a study with what its JSON Schema finds wrong; only studies with mistakes get here. A study that zod accepts, and
 * whose options all plugins accept, fits the schema, which is made from both; compiling it takes longer than all the rest.
 */
async function expandedOrRefused(parts: Parts, listed: readonly Problem[]) {
  const { shapeProblems } = await import('../editor/shape-check.ts');
  const shape = shapeProblems(parts.text.value, shapeSchema(parts.types));
  const found = expanded(parts, shape);
  const { planned } = found;
  const problems = [...listed, ...found.problems];
  problems.push(...shape.filter(({ place }) => !isChecked(place, planned.checkedOptions)));
  if (problems.length === 0 && planned.instances.length === 0) problems.push(nothingToDo);
  if (problems.length > 0) throw problemsError(parts.text, problems);
  return found;
}

const nothingToDo: Problem = {
  code: 'study/invalid',
  place: { path: ['nodes'] },
  text: 'Expected at least one node; found none, so there is nothing to run. Add a node, for example the dataset.',
};

// What the options of a node's instances say of themselves is more exact than what the schema says of the node.
function isChecked(place: Place, nodes: ReadonlySet<string>): boolean {
  if (!('path' in place)) return false;
  const [top, node, field] = place.path;
  return top === 'nodes' && nodes.has(String(node)) && (field === 'with' || field === 'matrix');
}

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
  study: unknown,
  folder: string,
  { loader, catalogue }: { readonly loader: PackageLoader; readonly catalogue: NodeCatalogue },
): Promise<ListedPackages> {
  const packages = new Map<string, PluginPackage>();
  const failed = new Set<string>();
  const problems: Problem[] = [];
  const listed = [...fields(part(written(study, []), 'plugins'))].filter(([, { value }]) => typeof value === 'string');
  // All at once: most of importing is waiting for files.
  const loaded = await Promise.allSettled(
    listed.map(async ([alias, { value }]) => {
      if (alias === builtInAlias)
        throw new StudyError('study/invalid', 'The alias "core" is taken by the nodes built in. Choose another.');
      return loader.load(String(value), folder);
    }),
  );
  for (const [index, outcome] of loaded.entries()) {
    const [alias, specifier] = listed[index]!;
    if (outcome.status === 'fulfilled') packages.set(alias, outcome.value);
    else {
      const error: unknown = outcome.reason;
      if (!StudyError.is(error)) throw error;
      failed.add(alias);
      problems.push({ code: error.code, place: specifier.placeOf([]), text: error.message });
    }
  }
  return { packages, types: nodeTypes(packages, catalogue), failed, problems };
}
