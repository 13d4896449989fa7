import { balancedSubset, type Dataset, type Split, type SplitName } from '@espalier/core';

/** One part of `dataset`; `eval` is the balanced part of `val` on which explanations are computed. */
export function partOf(dataset: Dataset, part: SplitName, perClass: number | null, seed: number): Split {
  if (part !== 'eval') return dataset.split(part);
  const val = dataset.split('val');
  return perClass === null ? val : balancedSubset(val, perClass, seed);
}
