import { sizeOf } from '../array.ts';
import type { ChannelPart } from './channel-groups.ts';
import type { Masks, Model, ParameterInfo } from './model.ts';

/**
 * Masks that remove channels: of the kernels that give or read them, those weights. Every kernel of `model` has one; what its own masks removed
 * stays removed.
 */
export function masksWithout(
  { parameters, masks }: Pick<Model, 'parameters' | 'masks'>,
  channels: readonly (readonly ChannelPart[])[],
): Masks {
  const kernels = parameters.filter(({ role }) => role === 'kernel');
  const found = new Map(
    kernels.map(({ name, shape }) => [name, masks.get(name)?.slice() ?? new Uint8Array(sizeOf(shape)).fill(1)]),
  );
  const shapes = new Map(kernels.map(({ name, shape }) => [name, shape]));
  for (const { parameter, axis, indices } of channels.flat()) {
    const shape = shapes.get(parameter);
    if (shape) for (const index of indices) clearSlab(found.get(parameter)!, shape, axis, index);
  }
  return found;
}

function clearSlab(mask: Uint8Array, shape: ParameterInfo['shape'], axis: number, index: number): void {
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = inner * shape[axis]!;
  for (let start = index * inner; start < mask.length; start += outer) mask.fill(0, start, start + inner);
}
