import type { Store } from '@espalier/store';
import { type PlannedInstance, sourcesOf } from '@espalier/study';

/**
 * The instances whose stored results are no longer whole, among those that `instance` takes something from; with the
 * zeros of scans that handed such results on.
 */
export async function damagedSources(
  instance: PlannedInstance,
  instances: readonly PlannedInstance[],
  keys: ReadonlyMap<string, string>,
  store: Store,
): Promise<readonly PlannedInstance[]> {
  // In a folder a record tells: what was read damaged is gone. Elsewhere one reader's bytes prove nothing, so they are read here.
  const isWhole = async (key: string) =>
    store.verify ? (await store.verify(key)) === undefined : (await store.record(key)) !== undefined;
  const byId = new Map(instances.map((each) => [each.id, each]));
  const damaged = new Map<string, PlannedInstance>();
  for (const id of new Set(sourcesOf(instance))) {
    const source = byId.get(id)!;
    const key = keys.get(id);
    const found = source.passThrough ? await damagedSources(source, instances, keys, store) : [];
    for (const each of found) damaged.set(each.id, each);
    if (found.length > 0 || (key !== undefined && !(await isWhole(key)))) damaged.set(id, source);
  }
  return [...damaged.values()];
}
