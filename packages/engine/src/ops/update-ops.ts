import type { Tensor, Variable } from './tensors.ts';

/** PyTorch's `SGD`: g += weightDecay w; v = momentum v + g; w -= learningRate (nesterov ? g + momentum v : v). */
export interface SgdRule {
  readonly learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
}

/**
 * m = beta1 m + (1 - beta1) g; s = beta2 s + (1 - beta2) g^2; w = keptWeight w - rate m / (squareCorrection sqrt(s) + epsilon).
 * AdamW and RAdam are this with numbers of their own.
 */
export interface AdamRule {
  readonly beta1: number;
  readonly beta2: number;
  readonly keptWeight: number;
  readonly rate: number;
  /** 0 leaves the second moment out of the step. */
  readonly squareCorrection: number;
  readonly epsilon: number;
}

/** Variables, and the rules that train them. */
export interface UpdateOps {
  /** A variable that starts as a copy of `data`. */
  variable(data: Float32Array, shape: readonly number[]): Variable;
  /** The variable's present value. Release it before the variable is updated, or the update must copy. */
  read(variable: Variable): Tensor;
  /** Replaces the variable's value; `value` is float32 of the same shape. */
  assign(variable: Variable, value: Tensor): void;
  /** One step of SGD, in place. `gradient` is float32. */
  applySgd(weight: Variable, velocity: Variable, gradient: Tensor, rule: SgdRule): void;
  /** One step of Adam's family, in place. `gradient` is float32. */
  applyAdam(weight: Variable, mean: Variable, square: Variable, gradient: Tensor, rule: AdamRule): void;
}
