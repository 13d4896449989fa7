import * as z from 'zod';
import { StudyError } from '../errors.ts';
import type { OptionFinding, PlanKnowledge } from '../planning/plan-knowledge.ts';
import { roundHalfEven } from '../round-half-even.ts';
import type { Masks, Model } from './model.ts';
import { excludeFindings, prunableKernels } from './prunable-kernels.ts';

/** What every pruner of single weights to a given sparsity asks: how much, counted over what, and where not. */
export const pruneOptions = z.strictObject({
  sparsity: z.number().min(0).lt(1).describe('fraction of the prunable weights removed in total, in [0, 1)'),
  scope: z
    .enum(['global', 'layerwise'])
    .default('global')
    .describe('count over all kernels together, or over each kernel by itself'),
  exclude: z
    .array(z.string().min(1))
    .readonly()
    .default([])
    .describe('kernels left alone and not counted: names, or prefixes that end in ".*"'),
});

/** What every pruner of single weights is asked, with every default filled in. */
export type PruneOptions = z.output<typeof pruneOptions>;

/** What a pruner that holds to its option `sparsity` exactly declares of it. */
export const levelled = {
  unlabelled: { sparsity: 'the level stands beside it' },
  check: levelFindings,
  level: ({ sparsity }: LevelOptions) => sparsity,
  atLevel: <Options extends LevelOptions>(asked: Options, sparsity: number): Options => ({ ...asked, sparsity }),
} as const;

/** What is wrong, before anything runs, with the options of a pruner that holds to `sparsity` exactly. */
export function levelFindings(
  { sparsity, exclude = [] }: LevelOptions,
  known: PlanKnowledge<Pick<PruneOptions, 'sparsity'>>,
): readonly OptionFinding[] {
  return [...lowerLevel(sparsity, known), ...excludeFindings(exclude, known)];
}

type LevelOptions = Pick<PruneOptions, 'sparsity'> & { readonly exclude?: PruneOptions['exclude'] };

/** On a scan whose masks are enforced, weights that the level before removed stay removed. */
function lowerLevel(
  sparsity: number,
  { before }: PlanKnowledge<Pick<PruneOptions, 'sparsity'>>,
): readonly OptionFinding[] {
  if (!before || before.kindOptions.enforceMasks === false || sparsity >= before.options.sparsity) return [];
  const text = `Expected a sparsity of at least ${before.options.sparsity}, which the instance before on this scan has removed; found ${sparsity}. Write the levels in ascending order.`;
  return [{ path: ['sparsity'], text }];
}

/** A kernel as a pruner sees it. */
export interface PrunableKernel {
  readonly name: string;
  readonly values: Float32Array;
  /** One byte per weight: 0 where the model's masks already removed it. */
  readonly kept: Uint8Array;
}

/** Kernels that share one count, and how many of their kept weights must go. */
export interface Removal {
  readonly kernels: readonly PrunableKernel[];
  readonly count: number;
}

/**
 * What reaching `sparsity` removes: one removal for all kernels, or one for each if `scope` is `layerwise`.
 *
 * Counts are exact: round(`sparsity` x weights), halves to even. Weights that the model's masks removed before
 * count towards it and stay removed.
 *
 * @throws StudyError `core/options-invalid` where `exclude` names no kernel or leaves none; `core/sparsity-mismatch` where more
 *   than the target is already removed.
 */
export async function removals(model: Model, { sparsity, scope, exclude }: PruneOptions): Promise<readonly Removal[]> {
  const weights = await model.weights();
  const all = prunableKernels(model, exclude).map(({ name }): PrunableKernel => {
    const values = weights.get(name)!.data;
    return { name, values, kept: model.masks.get(name) ?? new Uint8Array(values.length).fill(1) };
  });
  const groups = scope === 'global' ? [all] : all.map((kernel) => [kernel]);
  return groups.map((kernels) => ({ kernels, count: countToRemove(kernels, sparsity) }));
}

/** The kernels that `masks` leaves without a single weight. */
export function emptiedKernels(masks: Masks): readonly string[] {
  return [...masks].filter(([, mask]) => !mask.includes(1)).map(([name]) => name);
}

function countToRemove(kernels: readonly PrunableKernel[], sparsity: number): number {
  const total = kernels.reduce((sum, { values }) => sum + values.length, 0);
  const present = kernels.reduce((sum, { kept }) => sum + countZeros(kept), 0);
  const target = roundHalfEven(sparsity * total);
  if (present > target) throw sparserAlready(kernels, present, target, total);
  return target - present;
}

function countZeros(mask: Uint8Array): number {
  let zeros = 0;
  for (const keep of mask) if (keep === 0) zeros++;
  return zeros;
}

function sparserAlready(
  kernels: readonly PrunableKernel[],
  present: number,
  target: number,
  total: number,
): StudyError {
  const where = kernels.length === 1 ? `"${kernels[0]!.name}"` : `the ${kernels.length} kernels together`;
  return new StudyError(
    'core/sparsity-mismatch',
    `Pruning can only remove more: in ${where}, ${present} of ${total} weights are already removed ` +
      `(sparsity ${(present / total).toFixed(4)}), and the asked sparsity allows ${target} ` +
      `(${(target / total).toFixed(4)}). Ask for at least ${(present / total).toFixed(4)}, or prune a denser model.`,
  );
}
