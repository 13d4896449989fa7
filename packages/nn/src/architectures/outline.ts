import type { ModelOutline } from '@espalier/core';
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
  };
}
