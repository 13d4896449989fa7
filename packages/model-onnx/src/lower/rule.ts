import type { Constant } from '../constants/constant.ts';
import type { TensorPlace } from '../constants/tensor-place.ts';
import { unsupported } from '../decode/model-error.ts';
import type { OnnxNode } from '../decode/onnx-node.ts';
import type { FoldingBudget } from '../fold/folding.ts';
import { lengthOf, sameAtoms } from '../views/view.ts';
import type { NetworkBuilder } from './network-builder.ts';
import type { Computed, Sequence, Value } from './values.ts';

/** A node of the file that depends on the images, and what it is lowered with. */
export interface Lowering {
  readonly node: OnnxNode;
  /** Null for inputs that are left out. */
  readonly inputs: readonly (Exclude<Value, { readonly kind: 'unknown' }> | null)[];
  readonly opset: number;
  readonly place: TensorPlace;
  readonly builder: NetworkBuilder;
  readonly budget: FoldingBudget;
  /** How often the graph uses a value. */
  readonly uses: (name: string) => number;
}

/** How one operator becomes layers. */
export interface Rule {
  /** Names of the attributes that it understands; a node with another is refused. */
  readonly attributes: readonly string[];
  readonly lower: (lowering: Lowering) => readonly Value[];
}

/** The error of a node that its rule does not cover. @param text a clause: what it has that is not supported */
export function refused({ node, place }: Pick<Lowering, 'node' | 'place'>, text: string): Error {
  return unsupported(place.name, `the node "${node.name}" (${node.operator}) ${text}.`);
}

/** An input as a value of the network; a constant becomes one. */
export function computedInput(lowering: Lowering, index: number): Computed {
  const found = lowering.inputs[index];
  if (found?.kind === 'computed') return found;
  if (found?.kind === 'constant') return lowering.builder.constant(found);
  throw refused(
    lowering,
    found ? `takes a sequence as its input ${index}, which is not supported` : `lacks its input ${index}`,
  );
}

export function constantInput(lowering: Lowering, index: number): Constant {
  const found = optionalConstant(lowering, index);
  if (found) return found;
  throw refused(lowering, `lacks its input ${index}`);
}

export function optionalConstant(lowering: Lowering, index: number): Constant | null {
  const found = lowering.inputs[index] ?? null;
  if (found === null || found.kind === 'constant') return found;
  throw refused(lowering, `computes its input ${index} from the images; only a constant is supported there`);
}

export function sequenceInput(lowering: Lowering): Sequence {
  const [found] = lowering.inputs;
  if (found?.kind === 'sequence') return found;
  throw refused(lowering, 'takes what is no sequence');
}

/** A map `[1, channels, height, width]` of the file as `[height, width, channels]`. */
export function mapInput(lowering: Lowering): Computed {
  const x = computedInput(lowering, 0);
  const [batch, channels, height, width] = x.view.axes;
  if (x.view.axes.length === 4 && lengthOf(batch!) === 1)
    return lowering.builder.arranged(x, [height!, width!, channels!]);
  const found = x.view.axes.map(lengthOf).join(', ');
  throw refused(
    lowering,
    `takes a value of the shape [${found}]; only maps [1, channels, height, width] are supported there`,
  );
}

/** The value with the atoms of some of the file's axes last in memory, as one axis; those before keep their order. */
export function withLast({ builder }: Pick<Lowering, 'builder'>, x: Computed, axes: readonly number[]): Computed {
  const last = axes.flatMap((axis) => x.view.axes[axis]!);
  if (sameAtoms(x.view.groups.at(-1) ?? [], last) && last.length > 0) return x;
  const leading = x.view.groups
    .map((group) => group.filter((atom) => !last.includes(atom)))
    .filter((group) => group.length > 0);
  return builder.arranged(x, [...leading, last]);
}
