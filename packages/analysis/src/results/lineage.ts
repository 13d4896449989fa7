import { type CodedCrops, codeSimilarity, type Lineage, matchConcepts } from '@espalier/concept-matching';
import { type ConceptBank, type Entry, StudyError } from '@espalier/core';
import { group } from 'd3-array';
import { type AxisNames, compareLabels, compareOrigins, labelText, withoutAxes } from '../study/axes.ts';
import { type ModelRecord, modelOf } from '../study/models.ts';

/** What became of one class's concepts; null where the banks are not of the same crops. */
export interface ClassLineage {
  readonly classIndex: number;
  readonly conceptsBefore: number;
  readonly conceptsAfter: number;
  readonly fate: Lineage | null;
}

/** From the least sparse model to another of the same arm and seed. */
export interface LineageResult {
  /** Instances of the concepts. */
  readonly from: string;
  readonly to: string;
  readonly fromModel: ModelRecord | null;
  readonly model: ModelRecord | null;
  readonly classes: readonly ClassLineage[];
}

/**
 * Follows the concepts of the least sparse level to every other level, class by class, by their codes on the same crops.
 *
 * Only codes are kept in memory, of two instances at a time.
 *
 * @param threshold least correlation at which two concepts count as one
 */
export async function readLineages(
  entries: readonly Entry<readonly ConceptBank[]>[],
  models: readonly ModelRecord[],
  { axes, threshold }: { readonly axes: AxisNames; readonly threshold: number },
): Promise<LineageResult[]> {
  const results: LineageResult[] = [];
  const ordered = [...entries].sort((a, b) => compareOrigins(a.origin, b.origin));
  for (const chain of group(ordered, chainOf(axes)).values()) {
    const byLevel = [...chain].sort((a, b) =>
      compareLabels(a.origin.labels[axes.sparsity], b.origin.labels[axes.sparsity]),
    );
    const [first, ...others] = byLevel;
    if (!first || others.length === 0) continue;
    const before = (await first.load()).map(codesOf);
    for (const { origin, load } of others) {
      const after = (await load()).map(codesOf);
      results.push({
        ...{ from: first.origin.instance, to: origin.instance },
        fromModel: modelOf(first.origin, models),
        model: modelOf(origin, models),
        classes: before.flatMap((bank) => {
          const other = after.find(({ classIndex }) => classIndex === bank.classIndex);
          return other ? [classLineage(bank, other, threshold)] : [];
        }),
      });
    }
  }
  return results;
}

/** What entries that differ in sparsity only have in common. */
function chainOf({ sparsity }: AxisNames): (entry: Entry<unknown>) => string {
  return ({ origin }) => JSON.stringify([origin.node, labelText(withoutAxes(origin.labels, [sparsity]))]);
}

function codesOf({ classIndex, ids, crops, codes }: ConceptBank): CodedCrops {
  return { classIndex, ids, crops, codes };
}

function classLineage(before: CodedCrops, after: CodedCrops, threshold: number): ClassLineage {
  return {
    classIndex: before.classIndex,
    conceptsBefore: before.codes.shape[1]!,
    conceptsAfter: after.codes.shape[1]!,
    fate: fateOf(before, after, threshold),
  };
}

function fateOf(before: CodedCrops, after: CodedCrops, threshold: number): Lineage | null {
  try {
    return matchConcepts(codeSimilarity(before, after), threshold);
  } catch (error) {
    if (StudyError.is(error) && error.code === 'core/inputs-mismatch') return null;
    throw error;
  }
}

/** Lineages as plain JSON with a fixed order of keys. */
export function lineageJson({ from, to, classes }: LineageResult): object {
  return { from, to, classes };
}
