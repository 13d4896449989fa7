import type { Provenance } from '@espalier/core';
import { cleared, withoutSecrets } from '@espalier/secrets';
import type { StudyPlan } from '@espalier/study';
import type { Finished } from '../tasks/task-of.ts';

/** What a run computed, with what: for reports. */
export function provenanceOf(
  plan: StudyPlan,
  { numerics, reportedBefore }: Pick<Provenance, 'numerics' | 'reportedBefore'>,
  finished: Finished,
): Provenance {
  return {
    study: { name: plan.name, digest: plan.digest, profile: plan.profile, text: withoutSecrets(plan.text) },
    params: cleared(plan.params),
    seed: plan.seed,
    numerics,
    plugins: pluginsOf(plan),
    recipes: plan.recipes.map((recipe) => ({ ...recipe, text: withoutSecrets(recipe.text) })),
    datasets: datasetsOf(plan, finished),
    reportedBefore,
  };
}

function pluginsOf({ packages, instances }: StudyPlan): Provenance['plugins'] {
  return [...packages].map(([alias, { name, version }]) => {
    const used = new Map(
      instances.flatMap(({ type }) =>
        type.use.startsWith(`${alias}/`) && type.plugin ? [[type.use, type.plugin] as const] : [],
      ),
    );
    const types = [...used].map(([type, { cacheVersion, source, diagnostics }]) => {
      const told = diagnostics && { diagnostics };
      return { type, cacheVersion, source: source.title, url: source.url, departures: source.departures, ...told };
    });
    return { alias, package: name, version, types };
  });
}

function datasetsOf({ instances }: StudyPlan, finished: Finished): Readonly<Record<string, string>> {
  const parts = instances.flatMap(({ id }) =>
    Object.entries(finished.get(id) ?? {}).flatMap(([port, { kind, digest }]) =>
      kind === 'split' ? [[`${id}.${port}`, digest] as const] : [],
    ),
  );
  return Object.fromEntries(parts);
}
