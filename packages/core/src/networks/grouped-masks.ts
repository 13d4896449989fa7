import * as z from 'zod';
import { StudyError } from '../errors.ts';
import { kernelLayout } from './kernel-layout.ts';
import type { Masks, Model, ParameterInfo } from './model.ts';
import { prunableKernels } from './prunable-kernels.ts';
import { pruneOptions } from './removals.ts';

/** What every pruner to a pattern such as 2:4 asks. */
export const groupOptions = z
  .strictObject({
    kept: z.int().min(1).max(255).default(2).describe('weights that each group keeps at most'),
    group: z
      .int()
      .min(2)
      .max(256)
      .default(4)
      .describe('weights in a group: neighbouring inputs of one output at one place of the kernel; more than `kept`'),
    exclude: pruneOptions.shape.exclude,
  })
  .refine(({ kept, group }) => kept < group, { path: ['kept'], error: 'must be less than `group`' });

/** What a pruner to a pattern is asked, with every default filled in. */
export type GroupOptions = z.output<typeof groupOptions>;

/** The fraction that a pattern removes where it applies. */
export function groupSparsity({ kept, group }: Pick<GroupOptions, 'kept' | 'group'>): number {
  return 1 - kept / group;
}

/** Where groups are. */
interface Groups {
  readonly kept: number;
  readonly group: number;
  /** From one weight of a group to the next. */
  readonly step: number;
}

/**
 * Masks that keep at most `kept` of every `group` neighbouring inputs, those of the largest scores; of equal scores the last. Weights that the
 * model's masks removed stay removed, and count. Kernels whose inputs `group` does not divide are left as they are: their masks remove nothing
 * more.
 *
 * @param scoresOf a score of every weight, in the kernel's own layout
 * @param log is told which kernels are left as they are
 * @throws StudyError `core/options-invalid` where there is no group at all, or `exclude` names no kernel
 */
export async function groupedMasks(
  model: Model,
  { kept, group, exclude }: GroupOptions,
  scoresOf: (name: string, weights: Float32Array) => Float32Array,
  log: (line: string) => void,
): Promise<Masks> {
  const kernels = prunableKernels(model, exclude);
  const whole = kernels.filter((kernel) => kernelLayout(kernel).inputs % group !== 0);
  if (whole.length === kernels.length) throw noGroups(kernels, { kept, group });
  if (whole.length > 0) log(`left as they are, since ${group} does not divide their inputs: ${listed(whole)}`);
  const weights = await model.weights();
  return new Map(
    kernels.map((kernel) => {
      const { data } = weights.get(kernel.name)!;
      const before = model.masks.get(kernel.name) ?? new Uint8Array(data.length).fill(1);
      if (whole.includes(kernel)) return [kernel.name, before.slice()];
      const step = kernelLayout(kernel).inputStep;
      return [kernel.name, largestOfGroups(scoresOf(kernel.name, data), before, { kept, group, step })];
    }),
  );
}

/** One byte per value: 1 for the `kept` largest of each group that `before` has kept. */
function largestOfGroups(scores: Float32Array, before: Uint8Array, { kept, group, step }: Groups): Uint8Array {
  const mask = new Uint8Array(before.length);
  for (let block = 0; block < scores.length; block += group * step) {
    for (let first = block; first < block + step; first++) {
      const places = Array.from({ length: group }, (_, j) => first + j * step).filter((at) => before[at] === 1);
      places.sort((a, b) => scores[b]! - scores[a]! || b - a);
      for (const at of places.slice(0, kept)) mask[at] = 1;
    }
  }
  return mask;
}

function noGroups(kernels: readonly ParameterInfo[], { kept, group }: Omit<Groups, 'step'>): StudyError {
  return new StudyError(
    'core/options-invalid',
    `Expected a kernel with a number of inputs that ${group} divides, to keep ${kept} of each group; found ${listed(kernels)}. ` +
      'Choose another "group", or exclude fewer kernels.',
  );
}

function listed(kernels: readonly ParameterInfo[]): string {
  const more = kernels.length > 6 ? ` and ${kernels.length - 6} more` : '';
  return (
    kernels
      .slice(0, 6)
      .map((kernel) => `${kernel.name} (${kernelLayout(kernel).inputs} inputs)`)
      .join(', ') + more
  );
}
