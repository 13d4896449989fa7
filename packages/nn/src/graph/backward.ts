import type { Ops, Tensor } from '@espalier/engine';
import type { Computed } from './forward.ts';
import { kindOf } from './kinds.ts';
import type { Node } from './network.ts';
import { parametersOfNode } from './parameters.ts';

/** What a way back shall give. */
export interface BackwardPlan {
  /** Nodes whose gradient is wanted on the way: from `withGradient`. */
  readonly wanted: ReadonlySet<string>;
  /** The value whose gradient is asked for, or null where only parameters are. */
  readonly source: string | null;
  /** Receives the gradient of every parameter once, when it is whole and the parameter's own value is released; null where none is wanted. */
  readonly consume: ((name: string, gradient: Tensor) => void) | null;
}

/** The names whose values depend on `source`, or on a parameter that is trained: what gradients have to pass through. */
export function withGradient(
  nodes: readonly Node[],
  source: string | null,
  forParameters: boolean,
): ReadonlySet<string> {
  const wanted = new Set<string>(source === null ? [] : [source]);
  for (const node of nodes) {
    const trains = forParameters && parametersOfNode(node).some(({ role }) => role !== 'statistic');
    if (trains || node.inputs.some((input) => wanted.has(input))) wanted.add(node.name);
  }
  return wanted;
}

/**
 * Takes the gradient `dy` of the last step's output back through `steps`. Must run inside a scope of `ops`.
 *
 * @param handOn how what arrives at a step is handed on; by the chain rule if absent
 * @returns the gradient of `source`, or null if there is none to give
 */
export function backward(
  ops: Ops,
  steps: readonly Computed[],
  dy: Tensor,
  plan: BackwardPlan,
  handOn: HandOn = pulledBack,
): Tensor | null {
  const gradients = new Map<string, Tensor>();
  const parameters = new ParameterGradients(ops, steps, plan);
  if (steps.length > 0) gradients.set(steps.at(-1)!.node.name, dy);
  for (const step of steps.toReversed()) {
    const upstream = gradients.get(step.node.name);
    if (upstream) {
      const found = handOn(ops, step, upstream, plan);
      step.node.inputs.forEach((name, i) => {
        const gradient = found.inputs[i];
        if (gradient) addTo(ops, gradients, name, gradient);
      });
      releaseStep(ops, step, upstream);
      parameters.add(found.parameters);
      gradients.delete(step.node.name);
    } else releaseStep(ops, step);
    parameters.passed(step.node);
  }
  return plan.source === null ? null : (gradients.get(plan.source) ?? null);
}

/** What a step hands on: to its inputs, null where none is wanted, and to its parameters. */
export interface PulledBack {
  readonly inputs: readonly (Tensor | null)[];
  readonly parameters: readonly (readonly [name: string, gradient: Tensor])[];
}

/** Takes what arrives at a step further back. Tensors belong to the scope that it is called in, and none is what arrives itself. */
export type HandOn = (ops: Ops, step: Computed, upstream: Tensor, plan: BackwardPlan) => PulledBack;

function pulledBack(ops: Ops, step: Computed, upstream: Tensor, { wanted, consume }: BackwardPlan): PulledBack {
  const { node, inputs, output, saved, parameters } = step;
  return ops.scope((keep) => {
    const found: [string, Tensor][] = [];
    const dy = upstream.dtype === output.dtype ? upstream : ops.cast(upstream, output.dtype);
    const gradients = kindOf(node.layer).backward(
      {
        ops,
        dtype: output.dtype,
        inputs,
        output,
        saved,
        dy,
        parameter: parameters.parameter,
        wanted: node.inputs.map((input) => wanted.has(input)),
        gradient: consume && ((name, value) => found.push([name, keep(value)])),
      },
      node.layer,
    );
    return { inputs: gradients.map((gradient) => gradient && keep(gradient)), parameters: found };
  });
}

function addTo(ops: Ops, gradients: Map<string, Tensor>, name: string, gradient: Tensor): void {
  const known = gradients.get(name);
  if (!known) {
    gradients.set(name, gradient);
    return;
  }
  const same = known.dtype === gradient.dtype ? gradient : ops.cast(gradient, known.dtype);
  gradients.set(name, ops.add(known, same));
  ops.release(known, gradient, same);
}

/** Nothing reads what a step kept once its gradient is known. */
function releaseStep(ops: Ops, { output, saved, parameters }: Computed, ...more: readonly Tensor[]): void {
  ops.release(output, ...saved, ...more);
  parameters.release();
}

/** Hands over the gradient of a parameter when the first node that uses it has been passed, so that it is a sum over all. */
class ParameterGradients {
  readonly #ops: Ops;
  readonly #consume: BackwardPlan['consume'];
  readonly #uses = new Map<string, number>();
  readonly #sums = new Map<string, Tensor>();

  constructor(ops: Ops, steps: readonly Computed[], { consume }: BackwardPlan) {
    this.#ops = ops;
    this.#consume = consume;
    for (const { name } of steps.flatMap(({ node }) => parametersOfNode(node))) {
      this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
    }
  }

  add(found: PulledBack['parameters']): void {
    for (const [name, gradient] of found) addTo(this.#ops, this.#sums, name, gradient);
  }

  passed(node: Node): void {
    for (const { name } of parametersOfNode(node)) {
      const left = this.#uses.get(name)! - 1;
      this.#uses.set(name, left);
      const sum = this.#sums.get(name);
      if (left > 0 || !sum) continue;
      this.#consume?.(name, sum);
      this.#ops.release(sum);
      this.#sums.delete(name);
    }
  }
}
