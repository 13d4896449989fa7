import type { DType, Ops, Tensor } from '@espalier/engine';
import { type Keeps, keepsNothing } from '../layers/kind.ts';
import { kindOf } from './kinds.ts';
import type { Node } from './network.ts';

/** Where and with what nodes are computed. */
export interface Computing {
  readonly ops: Ops;
  /** The type that a node's inputs and result have. */
  readonly dtypeOf: (node: Node) => DType;
  /** Parameters of a node, as long as it computes; what `release` does with them is the owner's matter. */
  readonly open: (node: Node) => OpenParameters;
}

/** The parameters of one node on the device. */
export interface OpenParameters {
  readonly parameter: (name: string) => Tensor;
  readonly release: () => void;
}

/** A step that has been computed, with what its way back reads. */
export interface Computed {
  readonly node: Node;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly saved: readonly Tensor[];
  readonly parameters: OpenParameters;
}

/** What a way forward shall do. */
export interface ForwardPlan {
  /** In topological order. */
  readonly nodes: readonly Node[];
  /** Values at hand, which stay the caller's. */
  readonly given: ReadonlyMap<string, Tensor>;
  readonly target: string;
  /** What of a node's values the way back reads, null for a node that it does not pass; null where there is none. */
  readonly keeps: ((node: Node) => Keeps | null) | null;
  /** The new value of a running statistic. */
  readonly update?: (name: string, value: Tensor) => void;
  /** Sees each step when it has been computed, before anything is let go. */
  readonly visit?: (step: Computed) => void;
}

/**
 * Computes `target`, and lets go of each value as soon as nothing needs it any more. Must run inside a scope of `ops`.
 *
 * @returns the target's value, and where there is a way back, its steps
 */
export function forward(
  computing: Computing,
  plan: ForwardPlan,
): { readonly value: Tensor; readonly steps: Computed[] } {
  const { ops } = computing;
  const values = new Map(plan.given);
  const holds = new Holds(ops, plan);
  const steps: Computed[] = [];
  for (const node of plan.nodes) {
    const inputs = node.inputs.map((name) => castOnce(computing, node, values.get(name)!));
    const saved: Tensor[] = [];
    const parameters = computing.open(node);
    const step = {
      ops,
      dtype: computing.dtypeOf(node),
      inputs,
      parameter: parameters.parameter,
      hasWayBack: (plan.keeps?.(node) ?? null) !== null,
      save: (...tensors: readonly Tensor[]) => saved.push(...tensors),
      update: (name: string, value: Tensor) => plan.update?.(name, value),
    };
    const output = kindOf(node.layer).forward(step, node.layer);
    values.set(node.name, output);
    const computed = { node, inputs, output, saved, parameters };
    plan.visit?.(computed);
    if (plan.keeps) steps.push(computed);
    else parameters.release();
    holds.computed(node, values, inputs);
  }
  return { value: values.get(plan.target)!, steps };
}

/** An input in the type that the node computes in. */
function castOnce({ ops, dtypeOf }: Computing, node: Node, value: Tensor): Tensor {
  const dtype = dtypeOf(node);
  return value.dtype === dtype ? value : ops.cast(value, dtype);
}

/** Which values are still needed, by later nodes or on the way back. */
class Holds {
  readonly #ops: Ops;
  readonly #plan: ForwardPlan;
  readonly #readers = new Map<string, number>();
  readonly #kept = new Set<string>();

  constructor(ops: Ops, plan: ForwardPlan) {
    this.#ops = ops;
    this.#plan = plan;
    for (const input of plan.nodes.flatMap(({ inputs }) => inputs)) {
      this.#readers.set(input, (this.#readers.get(input) ?? 0) + 1);
    }
    for (const node of plan.nodes) {
      const { inputs, output } = plan.keeps?.(node) ?? keepsNothing;
      if (output) this.#kept.add(node.name);
      if (inputs) for (const input of node.inputs) this.#kept.add(input);
    }
    for (const name of [plan.target, ...plan.given.keys()]) this.#kept.add(name);
  }

  /** `node` has read its inputs. Casts of them are its own. */
  computed(node: Node, values: ReadonlyMap<string, Tensor>, inputs: readonly Tensor[]): void {
    node.inputs.forEach((name, i) => {
      const value = values.get(name)!;
      const keepsInputs = this.#plan.keeps?.(node)?.inputs ?? false;
      if (inputs[i] !== value && !keepsInputs) this.#ops.release(inputs[i]!);
      const left = this.#readers.get(name)! - 1;
      this.#readers.set(name, left);
      if (left === 0 && !this.#kept.has(name)) this.#ops.release(value);
    });
  }
}
