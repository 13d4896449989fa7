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
  // what entries that differ in sparsity only have in common
  const chainOf = ({ origin }: Entry<unknown>) =>
    JSON.stringify([origin.node, labelText(withoutAxes(origin.labels, [axes.sparsity]))]);
  for (const chain of group(ordered, chainOf).values()) {
    const [first, ...others] = [...chain].sort((a, b) =>
      compareLabels(a.origin.labels[axes.sparsity], b.origin.labels[axes.sparsity]),
    );
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

function codesOf({ classIndex, form = {}, ids, learnedFrom, crops, codes }: ConceptBank): CodedCrops {
  return { classIndex, form, ids, crops, codes, ...(learnedFrom && { learnedFrom }) };
}

function classLineage(before: CodedCrops, after: CodedCrops, threshold: number): ClassLineage {
  let fate: Lineage | null = null;
  try {
    fate = matchConcepts(codeSimilarity(before, after), threshold);
  } catch (error) {
    if (!StudyError.is(error) || error.code !== 'core/inputs-mismatch') throw error;
  }
  const [conceptsBefore, conceptsAfter] = [before.codes.shape[1]!, after.codes.shape[1]!];
  return { classIndex: before.classIndex, conceptsBefore, conceptsAfter, fate };
}
