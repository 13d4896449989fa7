import type { PlannedInstance } from './planned-instance.ts';

/** The instances that an instance takes something from, once for every edge. */
export function sourcesOf({ inputs, baseline, passThrough }: PlannedInstance): readonly string[] {
  const edges = [...inputs.values(), ...(baseline?.values() ?? []), [...(passThrough?.values() ?? [])]];
  return edges.flat().map(({ instance }) => instance);
}
