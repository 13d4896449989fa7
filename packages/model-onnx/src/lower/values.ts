import type { Constant } from '../constants/constant.ts';
import { shapeOf, type View } from '../views/view.ts';

/** A value that depends on the images: a node of the network, and how the file sees what it computes. */
export interface Computed {
  readonly kind: 'computed';
  readonly node: string;
  readonly view: View;
}

/** Several values in one, as `SplitToSequence` makes them. */
export interface Sequence {
  readonly kind: 'sequence';
  readonly values: readonly Value[];
}

/** What a node without a rule would have given. */
export interface Unknown {
  readonly kind: 'unknown';
}

export type Value = Constant | Computed | Sequence | Unknown;

/** The file's shape of a value. */
export function shapeOfValue(value: Constant | Computed): readonly number[] {
  return value.kind === 'constant' ? value.shape : shapeOf(value.view);
}
