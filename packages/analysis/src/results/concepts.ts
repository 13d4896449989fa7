import { type ConceptBank, type Entry, type Labelled, scoredImages } from '@espalier/core';
import { mean, standardError } from '@espalier/numerics';
import { compareOrigins } from '../study/axes.ts';
import { matrixColumn } from './matrix-column.ts';

/** Importance of one concept over the images that its bank is scored on. */
export interface ConceptSummary {
  /** Column of the bank's codes. */
  readonly concept: number;
  /** Absent where concepts have numbers alone. */
  readonly name?: string;
  /** Mean over images, such as the total Sobol index. */
  readonly importance: number;
  /** Standard error of that mean over the images; null for one image. */
  readonly standardError: number | null;
  /**
   * Standard error that the design leaves in that mean, at most: the mean of the images' errors, since images may
   * share a design, whose error does not average out over them. Null where the design states none.
   */
  readonly designError: number | null;
  readonly n: number;
}

/** A concept bank without its arrays. */
export interface BankSummary {
  readonly classIndex: number;
  readonly layer: string;
  /** Whose importance. */
  readonly preset: string;
  /** Images that the dictionary was learned from. */
  readonly images: number;
  /** Images that concepts are scored on: others where there are, else the same. */
  readonly scored: { readonly count: number; readonly areOthers: boolean };
  readonly crops: number;
  /** Null where the bank does not rebuild. */
  readonly reconstructionError: number | null;
  readonly factorisation: ConceptBank['factorisation'];
  /** Most important first. */
  readonly concepts: readonly ConceptSummary[];
  readonly children: readonly { readonly concept: number; readonly bank: BankSummary }[];
}

export interface ConceptResult {
  readonly instance: string;
  readonly banks: readonly BankSummary[];
}

/** Reads and summarises every concept bank, one entry at a time. */
export async function readConcepts(
  entries: readonly Entry<readonly Labelled<ConceptBank>[]>[],
): Promise<ConceptResult[]> {
  const results: ConceptResult[] = [];
  for (const entry of [...entries].sort((a, b) => compareOrigins(a.origin, b.origin))) {
    results.push({
      instance: entry.origin.instance,
      banks: (await entry.load()).map((bank) => summariseBank(bank, bank.preset)),
    });
  }
  return results;
}

/** The bank without its arrays; concepts sorted by importance, ties by index. */
export function summariseBank(bank: ConceptBank, preset: string): BankSummary {
  return {
    classIndex: bank.classIndex,
    layer: bank.layer,
    preset,
    images: bank.learnedFrom?.length ?? bank.ids.length,
    scored: { count: scoredImages(bank).length, areOthers: bank.learnedFrom !== undefined },
    crops: bank.crops.length,
    reconstructionError: bank.reconstructionError,
    factorisation: bank.factorisation,
    concepts: rankedConcepts(bank),
    children: bank.children.map((child) => ({ concept: child.concept, bank: summariseBank(child.bank, preset) })),
  };
}

/** Importance of each concept, most important first, ties by index. */
export function rankedConcepts(bank: ConceptBank): readonly ConceptSummary[] {
  const width = bank.dictionary.shape[0]!;
  const concepts = Array.from({ length: width }, (_, concept) => summariseConcept(bank, width, concept));
  return concepts.sort((a, b) => b.importance - a.importance || a.concept - b.concept);
}

function summariseConcept(bank: ConceptBank, width: number, concept: number): ConceptSummary {
  const importance = matrixColumn(bank.importance.data, width, concept);
  const errors = matrixColumn(bank.importanceError.data, width, concept);
  return {
    concept,
    ...(bank.names && { name: bank.names[concept]! }), // one per concept
    importance: importance.length === 0 ? 0 : mean(importance),
    standardError: standardError(importance),
    designError: errors.length === 0 ? null : mean(errors),
    n: importance.length,
  };
}
