import { createHash } from 'node:crypto';
import type { Model } from './model.ts';

/** Zeros of one parameter, counted from the weights as evaluated. */
export interface ParameterCount {
  readonly name: string;
  readonly total: number;
  readonly nonzero: number;
}

/** How sparse a model really is: counted, not claimed. */
export interface SparsityProof {
  /** Convolution and dense kernels, in the model's order. */
  readonly kernels: readonly ParameterCount[];
  /** Fraction of zeros among all kernel weights. */
  readonly kernelSparsity: number;
  /** Fraction of zeros among all trained parameters: kernels, biases, scales and shifts. */
  readonly parameterSparsity: number;
  /** SHA-256 of the masks, by parameter name; of nothing for a dense model. */
  readonly maskDigest: string;
}

/** Counts the zeros of every kernel of `model`, from the weights it evaluates with. */
export async function proveSparsity(model: Model): Promise<SparsityProof> {
  const weights = await model.weights();
  const counts = model.parameters
    .filter(({ role }) => role !== 'statistic')
    .map(({ name, role }) => ({ name, role, ...countNonzero(weights.get(name)!.data) }));
  const kernels = counts
    .filter(({ role }) => role === 'kernel')
    .map(({ name, total, nonzero }) => ({ name, total, nonzero }));
  return {
    kernels,
    kernelSparsity: sparsityOf(kernels),
    parameterSparsity: sparsityOf(counts),
    maskDigest: digestMasks(model),
  };
}

function countNonzero(values: Float32Array): { total: number; nonzero: number } {
  let nonzero = 0;
  for (const value of values) if (value !== 0) nonzero++;
  return { total: values.length, nonzero };
}

function sparsityOf(counts: readonly { total: number; nonzero: number }[]): number {
  const total = counts.reduce((sum, count) => sum + count.total, 0);
  const nonzero = counts.reduce((sum, count) => sum + count.nonzero, 0);
  return total === 0 ? 0 : 1 - nonzero / total;
}

function digestMasks({ masks }: Model): string {
  const hash = createHash('sha256');
  for (const name of [...masks.keys()].sort()) hash.update(name).update('\0').update(masks.get(name)!);
  return hash.digest('hex');
}
