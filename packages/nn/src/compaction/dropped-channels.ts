import { imagesName, type Network, type Node, type Shape } from '../graph/network.ts';
import { parametersOfNode } from '../graph/parameters.ts';
import type { Constants } from './constant-channels.ts';

/** For each value, whether each channel goes. */
export type Dropped = ReadonlyMap<string, readonly boolean[]>;

/**
 * The channels that can go: constant ones, of which everything that reads them can do without. A convolution or dense layer can, since what a
 * constant gives it is a constant, too. Layers that work channel by channel keep or drop a channel on both sides. All else needs every channel.
 */
export function droppedChannels(
  { nodes, output }: Network,
  constants: ReadonlyMap<string, Constants>,
  shapes: ReadonlyMap<string, Shape>,
): Dropped {
  const dropped = new Map([...constants].map(([name, values]) => [name, values.map(isKnown)]));
  const keep = (name: string, stays: (channel: number) => boolean): boolean => {
    const before = dropped.get(name)!;
    const after = before.map((goes, c) => goes && !stays(c));
    dropped.set(name, after);
    return after.some((goes, c) => goes !== before[c]);
  };
  const shared = sharedParameters(nodes);
  for (const node of nodes) {
    if (!parametersOfNode(node).some(({ name }) => shared.has(name))) continue;
    for (const name of [...node.inputs, node.name]) keep(name, () => true);
  }
  keep(output, () => true);
  keep(imagesName, () => true);
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of nodes) changed = settle(node, dropped, shapes, keep) || changed;
    for (const [name, channels] of dropped) {
      if (channels.length > 0 && channels.every((goes) => goes)) changed = keep(name, (c) => c === 0) || changed;
    }
  }
  return dropped;
}

/** Names of the parameters of several nodes, which may not lose different parts. */
function sharedParameters(nodes: readonly Node[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const names = nodes.flatMap(parametersOfNode).map(({ name }) => name);
  return new Set(names.filter((name) => seen.size === seen.add(name).size));
}

/** Makes the channels on both sides of a node agree; whether anything changed. */
function settle(
  node: Node,
  dropped: Dropped,
  shapes: ReadonlyMap<string, Shape>,
  keep: (name: string, stays: (channel: number) => boolean) => boolean,
): boolean {
  if (readsFreely(node)) return false;
  const values = isByChannel(node, shapes) ? [...node.inputs, node.name] : null;
  const stays = (c: number) => !values || values.some((name) => !dropped.get(name)![c]);
  return [...node.inputs, node.name].map((name) => keep(name, stays)).some((changed) => changed);
}

function readsFreely({ layer }: Node): boolean {
  return (layer.kind === 'convolution' && layer.groups === 1) || (layer.kind === 'dense' && layer.axes === 'o i');
}

/** Whether channel c of the result depends on channel c of the inputs alone. */
function isByChannel({ name, inputs, layer }: Node, shapes: ReadonlyMap<string, Shape>): boolean {
  const channels = shapes.get(name)!.at(-1);
  switch (layer.kind) {
    case 'batch-norm':
    case 'relu':
    case 'activation':
    case 'scale':
    case 'max-pool':
      return true;
    case 'mean':
      return !layer.axes.includes(shapes.get(inputs[0]!)!.length - 1);
    case 'add':
      return inputs.every((input) => shapes.get(input)!.at(-1) === channels);
    default:
      return false;
  }
}

function isKnown(value: number | null): boolean {
  return value !== null && Number.isFinite(value);
}
