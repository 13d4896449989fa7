import type { Entry, EpochRecord, ModelSummary, Origin } from '@espalier/core';
import { type AxisNames, compareOrigins, type Label, labelText, numericLabel, withoutAxes } from './axes.ts';

/** A model of the run and where it stands in the study. */
export interface ModelRecord {
  readonly origin: Origin;
  readonly summary: ModelSummary;
  /** The sparsity that the study asked for; null where the model has no such axis. */
  readonly nominal: number | null;
  /** Fraction of zeros among the kernel weights, counted as evaluated. */
  readonly counted: number;
  /** The same among the weights that its pruner considered: what a label can be held against. */
  readonly considered: number;
  /** False when the counted sparsity is not the nominal one, to within a weight and a tolerance. */
  readonly labelHolds: boolean;
  /** A control that no pruner made, such as the dense model trained on: its label is the level that it stands beside. */
  readonly isMatched: boolean;
  readonly seed: Label | null;
  /** What was done to it, where the study has arms. */
  readonly arm: Label | null;
  /** What tells models of equal sparsity and seed apart: the arm, or node and remaining labels. */
  readonly variant: string;
}

/** Reads every model, one at a time, in the order of nodes and labels. */
export async function readModels(entries: readonly Entry<ModelSummary>[], axes: AxisNames): Promise<ModelRecord[]> {
  const models: ModelRecord[] = [];
  const severalNodes = new Set(entries.map(({ origin }) => origin.node)).size > 1;
  for (const entry of [...entries].sort((a, b) => compareOrigins(a.origin, b.origin))) {
    const { labels } = entry.origin;
    const summary = await entry.load();
    const nominal = numericLabel(labels[axes.sparsity]);
    const holds = nominal === null || labelHolds(nominal, summary);
    const arm = labels[axes.arm] ?? null;
    const isMatched = !holds && arm !== null && summary.proof.claim === undefined;
    models.push({
      origin: entry.origin,
      summary,
      nominal,
      counted: summary.proof.kernelSparsity,
      considered: summary.proof.claim?.counted ?? summary.proof.kernelSparsity,
      labelHolds: holds || isMatched,
      isMatched,
      seed: labels[axes.seed] ?? null,
      arm,
      variant: variantOf(entry.origin, severalNodes, axes),
    });
  }
  return models;
}

/** The bare label of the arm where nothing else differs, else the node with every label that has no meaning of its own. */
function variantOf({ node, labels }: Origin, severalNodes: boolean, axes: AxisNames): string {
  const rest = withoutAxes(labels, [axes.sparsity, axes.seed, axes.draw]);
  const onlyArm = Object.keys(rest).every((axis) => axis === axes.arm);
  if (onlyArm && !severalNodes && rest[axes.arm] !== undefined) return String(rest[axes.arm]);
  const text = labelText(rest);
  return text === '' ? node : `${node}[${text}]`;
}

/**
 * The model that something was computed from: the one named by the origin, else the one whose labels all appear
 * among its labels, with the most of them. Null when there is none, and when different models fit equally well.
 */
export function modelOf(origin: Origin, models: readonly ModelRecord[]): ModelRecord | null {
  const named = models.find((model) => model.origin.instance === origin.model);
  if (named) return named;
  const labelsOf = (model: ModelRecord) => Object.entries(model.origin.labels);
  const fitting = models.filter((model) => labelsOf(model).every(([name, label]) => origin.labels[name] === label));
  const most = Math.max(...fitting.map((model) => labelsOf(model).length));
  const closest = fitting.filter((model) => labelsOf(model).length === most);
  const same = closest.every(({ summary }) => summary.digest === closest[0]!.summary.digest);
  return same ? (closest[0] ?? null) : null;
}

/** Largest difference between counted and nominal sparsity that counts as agreement. */
export const sparsityTolerance = 1e-4;

/**
 * Like with like: a label speaks of the weights that the pruner considered, where one is known. Where the label is the name of a level and no
 * promise, as with whole channels, those that the masks removed must be zero.
 */
function labelHolds(nominal: number, { proof }: ModelSummary): boolean {
  const { claim, kernels, kernelSparsity } = proof;
  const weights = claim?.weights ?? kernels.reduce((sum, kernel) => sum + kernel.total, 0);
  // Each parameter's count is a whole number, rounded by itself where a pruner counts layer by layer.
  const rounding = (claim?.considered.length ?? 2) / (2 * Math.max(1, weights));
  const promised = claim?.isNominal ? claim.removed : nominal;
  return Math.abs((claim?.counted ?? kernelSparsity) - promised) <= Math.max(sparsityTolerance, rounding);
}

/** How many epochs of `history` are another model's whole history: the longest one that `history` goes on from. */
export function inheritedEpochs(
  history: readonly EpochRecord[],
  histories: readonly (readonly EpochRecord[])[],
): number {
  const texts = history.map((epoch) => JSON.stringify(epoch));
  const parents = histories.filter(
    (other) => other.length < history.length && other.every((epoch, i) => JSON.stringify(epoch) === texts[i]),
  );
  return Math.max(0, ...parents.map(({ length }) => length));
}
