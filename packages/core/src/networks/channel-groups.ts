import { sizeOf } from '../array.ts';
import type { Masks, Model, ParameterInfo } from './model.ts';

/** Places of one axis of a parameter that belong to a channel. */
export interface ChannelPart {
  readonly parameter: string;
  /** Of the parameter's shape, from 0. */
  readonly axis: number;
  /** Ascending. */
  readonly indices: readonly number[];
  /** `output`: of a kernel that gives the channel, or of what follows it value by value; `input`: of a kernel that reads it. */
  readonly side: 'output' | 'input';
}

/** Channels that lie in the same parameters: of one layer, or of several that sums and products couple. */
export interface ChannelGroup {
  /** The first kernel that gives the channels. */
  readonly name: string;
  /** Each can go without the others, but only with all of its parts. */
  readonly channels: readonly (readonly ChannelPart[])[];
}

/** Which channels of a network can go, and with what. */
export interface ChannelGroups {
  readonly groups: readonly ChannelGroup[];
  /** Kernels all of whose outputs stay, each with the reason: a part of a sentence that begins with "its outputs stay:". */
  readonly kept: readonly { readonly kernel: string; readonly reason: string }[];
}

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
