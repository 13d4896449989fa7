import type { MultiplyAccumulates } from '@espalier/core';
import { kindOf } from './kinds.ts';
import { neededFor } from './needed-nodes.ts';
import { imagesName, type Network, type Shape } from './network.ts';

/**
 * What the network multiplies and adds for one image, by each layer's own formula; what the logits do not need is not counted.
 *
 * @param shapes of all values, as `shapesOf` gives them
 */
export function multiplyAccumulatesOf(network: Network, shapes: ReadonlyMap<string, Shape>): MultiplyAccumulates {
  const perWeight = new Map<string, number>();
  let ofValues = 0;
  for (const { name, inputs, layer } of neededFor(network, network.output, imagesName)) {
    const products = kindOf(layer).products?.(
      layer,
      inputs.map((input) => shapes.get(input)!),
      shapes.get(name)!,
    );
    if (!products) continue;
    if ('ofValues' in products) ofValues += products.ofValues;
    else perWeight.set(products.kernel, (perWeight.get(products.kernel) ?? 0) + products.perWeight);
  }
  return { perWeight, ofValues };
}
