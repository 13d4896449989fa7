import {
  type ChannelGroup,
  type ChannelPart,
  eachWeightOf,
  type Model,
  type ParameterInfo,
  type PruneContext,
} from '@espalier/core';
import type { ChannelOptions } from './options.ts';

/** What channels are ranked by. */
export interface Criterion {
  /** Which of a channel's parameters have a score. */
  readonly counts: (part: ChannelPart, role: ParameterInfo['role']) => boolean;
  /** The score of each of some parts. */
  readonly score: (
    model: Model,
    context: PruneContext,
    parts: readonly ChannelPart[],
  ) => Promise<(part: ChannelPart) => number>;
}

/** The scores of the channels of each group, in its order; null for a group none of whose parameters has one. */
export async function channelScores(
  model: Model,
  context: PruneContext,
  groups: readonly ChannelGroup[],
  { counts, score, reduction }: Criterion & Pick<ChannelOptions, 'reduction'>,
): Promise<readonly (readonly number[] | null)[]> {
  const roles = new Map(model.parameters.map(({ name, role }) => [name, role]));
  const counted = groups.map(({ channels }) =>
    channels.map((parts) => parts.filter((part) => counts(part, roles.get(part.parameter)!))),
  );
  const scoreOf = await score(model, context, counted.flat(2));
  return counted.map((channels) =>
    channels.some((parts) => parts.length === 0)
      ? null
      : channels.map((parts) => reduced(reduction, parts.map(scoreOf))),
  );
}

function reduced(reduction: ChannelOptions['reduction'], values: readonly number[]): number {
  if (reduction === 'max') return Math.max(...values);
  const sum = values.reduce((total, value) => total + value, 0);
  return reduction === 'sum' ? sum : sum / values.length;
}

/** The kernels that give a channel; with `all`, those that read it and the scales of normalisation, too. */
export function kernelsOf(parts: 'outputs' | 'all'): Criterion['counts'] {
  return ({ side }, role) =>
    parts === 'all' ? role === 'kernel' || role === 'scale' : role === 'kernel' && side === 'output';
}

/** The sum of the magnitudes of the weights of a part. */
export const magnitudes: Criterion['score'] = async (model) => {
  const weights = await model.weights();
  return (part) => {
    const { data, shape } = weights.get(part.parameter)!;
    let sum = 0;
    eachWeightOf(part, shape, (at) => {
      sum += Math.abs(data[at]!);
    });
    return sum;
  };
};
