import type { Entry, Origin } from '@espalier/core';

/** An artifact of the node `node` at `labels`, made anew at every load. */
export function entry<Value>(node: string, use: string, labels: Origin['labels'], make: () => Value): Entry<Value> {
  const text = Object.entries(labels)
    .map(([name, label]) => `${name}=${label}`)
    .sort()
    .join(',');
  return { origin: { instance: `${node}[${text}]`, node, use, labels }, load: async () => make() };
}
