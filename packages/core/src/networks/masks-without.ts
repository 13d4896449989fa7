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
  for (const part of channels.flat()) {
    const shape = shapes.get(part.parameter);
    const mask = found.get(part.parameter);
    if (shape && mask)
      eachWeightOf(part, shape, (at) => {
        mask[at] = 0;
      });
  }
  return found;
}

/** Calls `visit` with the row-major place of every value of a parameter of `shape` that belongs to a part of a channel. */
export function eachWeightOf(
  { axis, indices }: Pick<ChannelPart, 'axis' | 'indices'>,
  shape: ParameterInfo['shape'],
  visit: (at: number) => void,
): void {
  const inner = sizeOf(shape.slice(axis + 1));
  const size = sizeOf(shape);
  for (const index of indices)
    for (let start = index * inner; start < size; start += inner * shape[axis]!)
      for (let at = start; at < start + inner; at++) visit(at);
}
