import type { ChannelGroup, ChannelGroups, ChannelPart } from '@espalier/core';
import type { Network, Shape } from '../graph/network.ts';
import { parametersOf } from '../graph/parameters.ts';
import { type CoupledChannels, coupledChannels } from './coupled-channels.ts';

/** What `Model.channelGroups` gives: the classes of channels that may go, those in the same parameters as one group; and why the others stay. */
export function channelGroupsOf(network: Network, shapes: ReadonlyMap<string, Shape>): ChannelGroups {
  const coupled = coupledChannels(network, shapes);
  const kernels = new Set(
    parametersOf(network)
      .filter(({ role }) => role === 'kernel')
      .map(({ name }) => name),
  );
  const givesKernel = ({ parameter, side }: ChannelPart) => side === 'output' && kernels.has(parameter);
  const groups = new Map<string, { name: string; channels: (readonly ChannelPart[])[] }>();
  for (const parts of partsByClass(coupled).values()) {
    const first = parts.find(givesKernel);
    if (!first) continue; // learned values alone, or channels that no kernel gives
    const key = parts.map(({ parameter, axis }) => `${parameter}:${axis}`).join();
    const group = groups.get(key) ?? { name: first.parameter, channels: [] };
    groups.set(key, group);
    group.channels.push(parts);
  }
  return { groups: [...groups.values()], kept: keptKernels(coupled, kernels, [...groups.values()]) };
}

/** Of each class that may go, its parts, in the order of the network's parameters. */
function partsByClass({ parts, kept }: CoupledChannels): ReadonlyMap<number, readonly ChannelPart[]> {
  const found = new Map<number, (ChannelPart & { readonly indices: number[] })[]>();
  for (const { parameter, axis, side, classes } of parts) {
    classes.forEach((each, index) => {
      if (kept.has(each)) return;
      const known = found.get(each) ?? [];
      found.set(each, known);
      const last = known.at(-1);
      if (last?.parameter === parameter && last.axis === axis) last.indices.push(index);
      else known.push({ parameter, axis, side, indices: [index] });
    });
  }
  return found;
}

function keptKernels(
  { parts, kept }: CoupledChannels,
  kernels: ReadonlySet<string>,
  groups: readonly ChannelGroup[],
): ChannelGroups['kept'] {
  const removable = new Set(
    groups.flatMap(({ channels }) => channels.flat().map(({ parameter, side }) => `${parameter}:${side}`)),
  );
  return parts
    .filter(
      ({ parameter, side }) => side === 'output' && kernels.has(parameter) && !removable.has(`${parameter}:output`),
    )
    .map(({ parameter, classes }) => ({ kernel: parameter, reason: kept.get(classes[0]!)! }));
}
