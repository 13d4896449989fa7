import type { ChannelGroup, ModelOutline, ParameterRole } from '@espalier/core';
import { channelGroupsOf } from '../channels/channel-groups.ts';
import { layerInfosOf } from '../graph/layer-infos.ts';
import type { Network } from '../graph/network.ts';
import { parametersOf } from '../graph/parameters.ts';
import { shapesOf } from '../graph/shapes-of.ts';
import { operationsOf } from '../relevance/operations.ts';

/** The layers and kernels of a network, for the checks of a plan; `size` is that of its images, in pixels. */
export function outlineOf(
  network: Network,
  { height, width }: { readonly height: number; readonly width: number },
): ModelOutline {
  const shapes = shapesOf(network, { height, width, channels: 3 });
  const kernels = parametersOf(network).filter(({ role }) => role === 'kernel');
  return {
    layers: layerInfosOf(network, shapes).map(({ height: _, width: __, features: ___, ...outline }) => outline),
    kernels: kernels.map(({ name }) => name),
    operations: operationsOf(network),
    channels: () => channelGroupsOf(network, shapes).groups.map(rolesIn(network)),
  };
}

function rolesIn(network: Network): (group: ChannelGroup) => readonly ParameterRole[] {
  const roles = new Map(parametersOf(network).map(({ name, role }) => [name, role]));
  return ({ channels }) => channels[0]!.map(({ parameter }) => roles.get(parameter)!);
}
