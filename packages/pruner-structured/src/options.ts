import * as z from 'zod';

const shape = {
  sparsity: z
    .number()
    .min(0)
    .lt(1)
    .describe('fraction removed in total, in [0, 1), of what `counts` says; the nearest that whole channels allow'),
  counts: z
    .enum(['weights', 'channels'])
    .default('weights')
    .describe(
      'what `sparsity` is a fraction of: the weights of all kernels, or the channels of all groups that may go',
    ),
  scope: z
    .enum(['global', 'grouped'])
    .default('global')
    .describe(
      'rank channels over all groups together, or by their place in their group, so that all groups lose alike',
    ),
  reduction: z
    .enum(['mean', 'sum', 'max'])
    .default('mean')
    .describe('what joins the scores that a channel has in each of its parameters'),
  least: z.int().min(1).max(65_536).default(1).describe('channels that every group keeps at least'),
  multipleOf: z
    .int()
    .min(1)
    .max(4096)
    .default(1)
    .describe('of every group that loses channels a multiple of this stays, and more than asked where it must'),
  exclude: z
    .array(z.string().min(1))
    .readonly()
    .default([])
    .describe(
      'kernels whose outputs stay, names or prefixes that end in ".*"; what they read of other channels still goes',
    ),
};

/** Where the scores of kernels come from. */
export const parts = z
  .enum(['outputs', 'all'])
  .default('outputs')
  .describe('score the kernels that give a channel, or those that read it and BatchNorm’s scales, too');

/** How scores of different groups compare. */
export const normalise = z.enum(['none', 'group-mean']);

/** What every pruner of channels is asked. */
export const channelOptions = z.strictObject(shape);

/** With every default filled in; `normalise` as the plugin has it. */
export type ChannelOptions = z.output<typeof channelOptions> & { readonly normalise: z.output<typeof normalise> };
