import { notesOf } from '@espalier/core';
import { canonicalJson, sha256 } from '@espalier/store';
import type { Source } from '../axes/expand.ts';
import type { Label } from '../file/study-schema.ts';
import { knownInputs } from './known-inputs.ts';
import type { StudyPlan } from './plan.ts';
import type { PlannedInstance } from './planned-instance.ts';

/** What a person should know of a study before it runs, although nothing is wrong with it: a sentence each. */
export function planNotes({ instances, folder }: Pick<StudyPlan, 'instances' | 'folder'>): readonly string[] {
  const byId = new Map(instances.map((instance) => [instance.id, instance]));
  const known = knownInputs(byId, folder);
  const own = instances.flatMap(({ type, options, inputs }) => {
    if (!type.plugin?.notes) return [];
    const on = (port: string) => (inputs.get(port) ?? []).flatMap(({ instance }) => byId.get(instance) ?? []);
    const [models, scores] = [on('models'), on('scores')];
    const scoredImages = distinct(scores.flatMap((instance) => known.images(instance.inputs, 'images') ?? []));
    const around = { folder, modelAxes: axesOf(models), scoreAxes: axesOf(scores), scoredImages };
    return notesOf(type.plugin, type.use, options.plugin, around);
  });
  return [...new Set([...sameNetworks(instances), ...own])];
}

/** Axes along which all networks are one: nothing that makes them depends on the label, by what is drawn or otherwise. */
function sameNetworks(instances: readonly PlannedInstance[]): readonly string[] {
  const signatures = networkSignatures(instances);
  const models = instances.filter(({ type }) => type.kind.outputs.model === 'model');
  return Object.entries(axesOf(models)).flatMap(([axis, labels]) => {
    const labelled = models.filter((instance) => axis in instance.labels);
    // A node with one label on the axis says what its network is, not that others are the same.
    const named = (node: string) => labelled.filter((instance) => instance.node === node);
    const nodes = [...new Set(labelled.map(({ node }) => node))].filter(
      (node) => axesOf(named(node))[axis]!.length > 1,
    );
    if (nodes.length === 0 || !nodes.every((node) => isOneAlong(axis, named(node), signatures))) return [];
    return [
      `The axis "${axis}" labels one network ${labels.length} times (${nodes.join(', ')}): nothing that makes it is drawn at random, ` +
        'trained or set by the label. Such labels count once, and say nothing of how training varies. Train under the axis, or take it away.',
    ];
  });
}

function isOneAlong(
  axis: string,
  instances: readonly PlannedInstance[],
  signatures: ReadonlyMap<string, string>,
): boolean {
  const groups = new Map<string, Set<string>>();
  for (const { id, labels } of instances) {
    const others = canonicalJson(Object.entries(labels).filter(([name]) => name !== axis));
    groups.set(others, (groups.get(others) ?? new Set()).add(signatures.get(id)!));
  }
  return [...groups.values()].every(({ size }) => size === 1);
}

/** What decides the result of each instance, by id: equal for two whose results must be equal. */
function networkSignatures(instances: readonly PlannedInstance[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const of = ({ instance, port }: Source): string => `${found.get(instance)} ${port}`;
  for (const instance of instances) {
    const { id, type, options, inputs, passThrough, seed } = instance;
    const handed = passThrough?.get('model');
    const given = [...inputs].map(([port, sources]) => [port, sources.map(of)]);
    const drawn = drawsNothing(instance) ? null : seed;
    found.set(id, handed ? found.get(handed.instance)! : sha256(canonicalJson([type.id, options.key, given, drawn])));
  }
  return found;
}

function drawsNothing({ type, options }: PlannedInstance): boolean {
  const { plugin } = type;
  if (!plugin) return (options.kind as { readonly epochs?: unknown }).epochs === 0; // of the node built in, which trains
  if (plugin.usesSeed === false) return true;
  const { finetune } = options.kind as { readonly finetune?: unknown }; // of pruners: what trains draws an order
  return (finetune ?? null) === null && (plugin.drawsNothing?.(options.plugin) ?? false);
}

function axesOf(instances: readonly PlannedInstance[]): Readonly<Record<string, readonly Label[]>> {
  const axes = new Map<string, Set<Label>>();
  for (const { labels } of instances)
    for (const [axis, label] of Object.entries(labels)) axes.set(axis, (axes.get(axis) ?? new Set()).add(label));
  return Object.fromEntries([...axes].map(([axis, labels]) => [axis, [...labels]]));
}

function distinct<Item>(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [canonicalJson(item), item])).values()];
}
