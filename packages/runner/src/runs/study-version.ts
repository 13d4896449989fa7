import { readdir } from 'node:fs/promises';
import { cleared } from '@espalier/secrets';
import { canonicalJson, sha256 } from '@espalier/store';
import type { StudyPlan } from '@espalier/study';
import { type RecordedRun, recordedRuns, recordFiles } from './recorded-runs.ts';

/** SHA-256 of what a run asks for: the study, its profile, parameters and recipes. */
export function versionOf({ digest, profile, params, recipes }: StudyPlan): string {
  const asked = { digest, profile, params: cleared(params), recipes: recipes.map((recipe) => recipe.digest) };
  return sha256(canonicalJson(asked));
}

/**
 * How many other versions of the study handed out results under `runsFolder` before this one first did: who has seen them may have
 * chosen this one by them. Running a version again does not change its number.
 */
export async function reportedBefore(runsFolder: string, plan: StudyPlan): Promise<number> {
  if (!plan.instances.some(({ type }) => type.kind.reports)) return 0;
  const own = versionOf(plan);
  const all = await recordedRuns(runsFolder).catch(() => []); // what cannot be read tells of no version
  const versions = new Set<string>();
  for (const run of all.filter(({ study }) => study.name === plan.name).reverse()) {
    const { version = run.study.digest } = run.study;
    if (versions.has(version) || !(await hasOutputs(run))) continue;
    if (version === own) break; // what came later was seen later
    versions.add(version);
  }
  return versions.size;
}

/** Outputs are written beside the record, too. */
async function hasOutputs({ folder }: RecordedRun): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => !recordFiles.has(name));
}
