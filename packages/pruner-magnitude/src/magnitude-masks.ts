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
  const masks = kept.map((mask) => mask.slice());
  const places: (readonly [mask: Uint8Array, index: Uint32Array])[] = masks.map((mask) => [mask, indicesOfOnes(mask)]);
  const length = places.reduce((sum, [, index]) => sum + index.length, 0);
  const values = new Float32Array(length);
  let at = 0;
  places.forEach(([, index], a) => {
    for (const i of index) values[at++] = arrays[a]![i]!;
  });

  const removed = torchSmallest(values, count).sort();
  let next = 0;
  let start = 0;
  for (const [mask, index] of places) {
    for (; next < removed.length && removed[next]! < start + index.length; next++) {
      mask[index[removed[next]! - start]!] = 0;
    }
    start += index.length;
  }
  return masks;
}

function indicesOfOnes(mask: Uint8Array): Uint32Array {
  const indices = new Uint32Array(mask.length - countZeros(mask));
  let at = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) indices[at++] = i;
  return indices;
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
