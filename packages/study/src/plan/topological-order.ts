import type { PlannedInstance } from './planned-instance.ts';
import { sourcesOf } from './sources.ts';

/**
 * Instances in the order in which they are taken when they are ready, each after what it uses.
 *
 * One at a time, what only uses a model goes before what makes the next one, so that few are open at once. Several at a
 * time, the longest chain goes first: nothing can run beside its end.
 */
export function topologicalOrder(instances: readonly PlannedInstance[], atOnce: number): readonly PlannedInstance[] {
  const dependants = dependantsOf(instances);
  if (atOnce > 1) return longestFirst(instances, dependants);
  const waiting = new Map(instances.map((instance) => [instance.id, new Set(sourcesOf(instance))]));
  const weight = ({ id }: PlannedInstance): number => dependants.get(id)!.length;
  const lightFirst = (list: readonly PlannedInstance[]) => [...list].reverse().sort((a, b) => weight(b) - weight(a));
  // A stack whose top is the lightest of what became ready last.
  const ready = lightFirst(instances.filter(({ id }) => waiting.get(id)!.size === 0));
  const order: PlannedInstance[] = [];
  for (let next = ready.pop(); next; next = ready.pop()) {
    order.push(next);
    const freed = dependants.get(next.id)!.filter(({ id }) => {
      const sources = waiting.get(id)!;
      return sources.delete(next.id) && sources.size === 0;
    });
    ready.push(...lightFirst(freed));
  }
  return order;
}

/** By the number of instances in the longest chain that begins with each; the study's order among equals. */
function longestFirst(
  instances: readonly PlannedInstance[],
  dependants: ReadonlyMap<string, readonly PlannedInstance[]>,
): readonly PlannedInstance[] {
  const length = new Map<string, number>();
  for (const { id } of [...instances].reverse()) // a plan lists each instance after everything that it uses
    length.set(id, 1 + Math.max(0, ...dependants.get(id)!.map((dependant) => length.get(dependant.id)!)));
  return [...instances].sort((a, b) => length.get(b.id)! - length.get(a.id)!);
}

function dependantsOf(instances: readonly PlannedInstance[]): ReadonlyMap<string, readonly PlannedInstance[]> {
  const dependants = new Map<string, PlannedInstance[]>(instances.map(({ id }) => [id, []]));
  for (const instance of instances)
    for (const source of new Set(sourcesOf(instance))) dependants.get(source)?.push(instance);
  return dependants;
}
