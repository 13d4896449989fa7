import { sizeOf } from '@espalier/core';
import type { Constant } from '../constants/constant.ts';
import type { TensorPlace } from '../constants/tensor-place.ts';
import { limits } from '../decode/limits.ts';
import { unsupported } from '../decode/model-error.ts';
import type { OnnxNode } from '../decode/onnx-node.ts';

/** What a node of constants is folded with. */
export interface Folding {
  readonly node: OnnxNode;
  /** Null for inputs that are left out. */
  readonly inputs: readonly (Constant | null)[];
  readonly opset: number;
  readonly place: TensorPlace;
  /** Counts what is computed, and refuses too much. */
  readonly budget: FoldingBudget;
}

/** The outputs of a node of constants. */
export type Fold = (folding: Folding) => readonly Constant[];

/** Bounds what folding computes. */
export class FoldingBudget {
  readonly #file: string;
  #values = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** @throws StudyError `model-onnx/unsupported` */
  take(shape: readonly number[]): void {
    const count = sizeOf(shape);
    this.#values += count;
    if (count <= limits.foldedValues && this.#values <= limits.allFoldedValues) return;
    throw unsupported(
      this.#file,
      `computing its constants would take ${count} values at once, or ${this.#values} in all; at most ${limits.foldedValues} and ${limits.allFoldedValues} are computed. Export the network with constant folding.`,
    );
  }
}

/** An input that must be there. */
export function needed({ node, inputs, place }: Folding, index: number): Constant {
  const found = inputs[index];
  if (found) return found;
  throw unsupported(place.name, `the node "${node.name}" (${node.operator}) lacks its input ${index}.`);
}
