import { type Masks, type Model, type ParameterInfo, StudyError } from '@espalier/core';
import { roundHalfEven } from './round-half-even.ts';
import { selectSmallest } from './select-smallest.ts';
import { torchSmallest } from './torch-select.ts';

/** Which of several weights of equal magnitude goes first; see the options of the plugin. */
export type Ties = 'lower-index' | 'torch';

interface Kernel {
  readonly name: string;
  readonly values: Float32Array;
  /** 0 where the model's masks already removed the weight. */
  readonly kept: Uint8Array;
}

/**
 * Masks that remove the fraction `sparsity` of all weights of `kernels` together, or of each kernel by itself.
 *
 * The target counts weights that the model's masks removed before; those stay removed.
 *
 * @throws StudyError `sparsity-mismatch` when more than the target is already removed.
 */
export async function magnitudeMasks(
  model: Model,
  kernels: readonly ParameterInfo[],
  { sparsity, scope, ties }: { sparsity: number; scope: 'global' | 'layerwise'; ties: Ties },
): Promise<Masks> {
  const weights = await model.weights();
  const all = kernels.map(({ name }): Kernel => {
    const values = weights.get(name)!.data;
    return { name, values, kept: model.masks.get(name) ?? new Uint8Array(values.length).fill(1) };
  });
  const groups = scope === 'global' ? [all] : all.map((kernel) => [kernel]);
  return new Map(groups.flatMap((group) => maskGroup(group, sparsity, ties)));
}

/** The new masks of kernels that share one count. */
function maskGroup(group: readonly Kernel[], sparsity: number, ties: Ties): (readonly [string, Uint8Array])[] {
  const total = group.reduce((sum, { values }) => sum + values.length, 0);
  const present = group.reduce((sum, { kept }) => sum + countZeros(kept), 0);
  const target = roundHalfEven(sparsity * total);
  if (present > target) throw sparserAlready(group, present, target, total);
  const masks = (ties === 'torch' ? selectAsTorch : selectSmallest)(
    group.map(({ values }) => values),
    group.map(({ kept }) => kept),
    target - present,
  );
  return group.map(({ name }, i) => [name, masks[i]!] as const);
}

/** As PyTorch does: the weights still kept, in one array, then one selection. */
function selectAsTorch(arrays: readonly Float32Array[], kept: readonly Uint8Array[], count: number): Uint8Array[] {
  const left = kept.reduce((sum, mask) => sum + mask.length - countZeros(mask), 0);
  const values = new Float32Array(left);
  let at = 0;
  arrays.forEach((array, a) => {
    const mask = kept[a]!;
    for (let i = 0; i < array.length; i++) if (mask[i] !== 0) values[at++] = array[i]!;
  });
  const keep = torchSmallest(values, count);
  at = 0;
  return kept.map((before) => {
    const mask = before.slice();
    for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) mask[i] = keep[at++]!;
    return mask;
  });
}

function countZeros(mask: Uint8Array): number {
  let zeros = 0;
  for (const keep of mask) if (keep === 0) zeros++;
  return zeros;
}

function sparserAlready(group: readonly Kernel[], present: number, target: number, total: number): StudyError {
  const where = group.length === 1 ? `"${group[0]!.name}"` : `the ${group.length} kernels together`;
  return new StudyError(
    'sparsity-mismatch',
    `Pruning can only remove more: in ${where}, ${present} of ${total} weights are already removed ` +
      `(sparsity ${(present / total).toFixed(4)}), and the asked sparsity allows ${target} ` +
      `(${(target / total).toFixed(4)}). Ask for at least ${(present / total).toFixed(4)}, or prune a denser model.`,
  );
}
