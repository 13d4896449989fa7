import type { Layer } from '../layers/layer.ts';
import type { Network } from './network.ts';

/** Kinds that keep values from 0 on there. */
const passingOn: ReadonlySet<Layer['kind']> = new Set([
  ...(['add', 'multiply', 'matmul', 'average-pool', 'max-pool', 'mean'] as const),
  ...(['concat', 'gather', 'reshape', 'slice', 'transpose'] as const),
]);

/** The values of which none is negative, whatever the images and the weights are. */
export function nonNegativeNodes({ nodes }: Network): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { name, inputs, layer } of nodes) {
    const keeps = passingOn.has(layer.kind) || (layer.kind === 'scale' && layer.factor >= 0);
    if (isAlways(layer) || (keeps && inputs.every((input) => found.has(input)))) found.add(name);
  }
  return found;
}

function isAlways(layer: Layer): boolean {
  if (layer.kind === 'relu' || layer.kind === 'softmax') return true;
  if (layer.kind !== 'activation') return false;
  const { function: f } = layer;
  return f.kind === 'sigmoid' || f.kind === 'hard-sigmoid' || (f.kind === 'clip' && f.least >= 0);
}
