import type { ArtifactRef } from '@espalier/store';
import { type PlannedInstance, sourcesOf } from '@espalier/study';
import type { Finished } from '../tasks/task-of.ts';

/**
 * Watches instances end, in any order, and returns the artifacts that no later one needs.
 *
 * Artifacts are counted by content: the zero of a scan holds the same model as the instance before it.
 */
export function lastUses(
  instances: readonly PlannedInstance[],
): (ended: PlannedInstance, finished: Finished) => readonly ArtifactRef[] {
  const uses = new Map<string, number>();
  for (const instance of instances)
    for (const source of sourcesOf(instance)) uses.set(source, (uses.get(source) ?? 0) + 1);
  const holders = new Map<string, number>();
  return (ended, finished) => {
    const spent = new Map<string, ArtifactRef>();
    const change = (id: string, by: number): void => {
      for (const artifact of Object.values(finished.get(id) ?? {})) {
        const left = (holders.get(artifact.manifest) ?? 0) + by;
        holders.set(artifact.manifest, left);
        if (left === 0) spent.set(artifact.manifest, artifact);
        else spent.delete(artifact.manifest);
      }
    };
    change(ended.id, uses.get(ended.id) ?? 0);
    for (const source of sourcesOf(ended)) change(source, -1);
    return [...spent.values()];
  };
}
