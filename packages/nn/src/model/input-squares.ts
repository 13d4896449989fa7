import { type MultiplyAccumulates, sizeOf, type Weights } from '@espalier/core';
import type { Ops, Tensor } from '@espalier/engine';
import type { EvaluationForm } from '../evaluation/evaluation-form.ts';
import type { Computed } from '../graph/forward.ts';
import { kindOf } from '../graph/kinds.ts';
import type { Network } from '../graph/network.ts';
import { parametersOfNode } from '../graph/parameters.ts';
import { ParameterSums } from './parameter-sums.ts';

/** Sums, over parts of a batch, the squares of the values that each weight of a kernel is multiplied with. */
export class InputSquares {
  readonly #ops: Ops;
  readonly #sums: ParameterSums;

  constructor(ops: Ops, network: Network) {
    this.#ops = ops;
    this.#sums = new ParameterSums(ops, network);
  }

  /** Must run inside a scope. */
  add(form: EvaluationForm, images: Tensor): void {
    form.visit(images, (step) => this.#addStep(step));
  }

  mean(images: number, { perWeight }: MultiplyAccumulates): Weights {
    const products = (name: string) => Math.max(1, images * (perWeight.get(name) ?? 0));
    return this.#sums.laidOut(this.#sums.dividedBy(products), ({ role }) => role === 'kernel');
  }

  /** What the kernel's gradient is where every output has the slope 1, and inputs are squared. */
  #addStep({ node, inputs, output, parameters }: Computed): void {
    const ops = this.#ops;
    const kernels = parametersOfNode(node).filter(({ role }) => role === 'kernel');
    if (kernels.length === 0) return;
    ops.scope(() => {
      const x = ops.cast(inputs[0]!, 'float32'); // squares of bfloat16 have two digits
      const dy = ops.adopt(new Float32Array(sizeOf(output.shape)).fill(1), output.shape);
      const gradient = (name: string, value: Tensor): void => {
        if (kernels.some((kernel) => kernel.name === name)) this.#sums.add(name, value);
      };
      const { parameter } = parameters;
      const step = { ops, dtype: x.dtype, inputs: [ops.multiply(x, x)], output, saved: [], dy, parameter, gradient };
      kindOf(node.layer).backward({ ...step, wanted: [false] }, node.layer);
    });
  }
}
