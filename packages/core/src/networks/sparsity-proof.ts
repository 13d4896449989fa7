import { createHash } from 'node:crypto';
import type { Masks, Model } from './model.ts';

/** Zeros of one parameter, counted from the weights as evaluated. */
export interface ParameterCount {
  readonly name: string;
  readonly total: number;
  readonly nonzero: number;
}

/** What is said of a pruned model: the level it goes by, and what was done for it. */
export interface SparsityClaim {
  /** The level that the pruner stands for, in [0, 1). */
  readonly nominal: number;
  /** Whose rule chose the weights, for example `corrected`. */
  readonly preset: string;
  /** The parameters that the pruner considered, by name. */
  readonly considered: readonly string[];
  /** Fraction of their weights that the masks removed when they were applied, before any training. */
  readonly removed: number;
  /** Whether the masks were enforced from then on. */
  readonly held: boolean;
  /** How often the dense model was pruned on the way here. */
  readonly rounds: number;
  /** The pruner names a level that its masks need not meet, see `Pruner.sparsityIs`: zeros are held against what the masks removed. */
  readonly isNominal?: true;
}

/** A claim, and what counting says of it. */
export interface CheckedClaim extends SparsityClaim {
  /** How many weights were considered. */
  readonly weights: number;
  /** Fraction of zeros among the weights considered, as evaluated. */
  readonly counted: number;
}

/** How sparse a model really is: counted, not claimed. */
export interface SparsityProof {
  /** Convolution and dense kernels, in the model's order. */
  readonly kernels: readonly ParameterCount[];
  /** Fraction of zeros among all kernel weights. */
  readonly kernelSparsity: number;
  /** Fraction of zeros among all trained parameters: kernels, biases, scales and shifts. */
  readonly parameterSparsity: number;
  /** SHA-256 of the masks that the model holds, by parameter name; of nothing where it holds none. */
  readonly maskDigest: string;
  /** Absent for a model that no pruner has made. */
  readonly claim?: CheckedClaim;
}

/** Counts the zeros of every kernel of `model`, from the weights it evaluates with, and holds `claim` against them. */
export async function proveSparsity(model: Model, claim?: SparsityClaim): Promise<SparsityProof> {
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
    ...(claim && { claim: checked(claim, counts) }),
  };
}

function checked(claim: SparsityClaim, counts: readonly ParameterCount[]): CheckedClaim {
  const considered = counts.filter(({ name }) => claim.considered.includes(name));
  const weights = considered.reduce((sum, { total }) => sum + total, 0);
  return { ...claim, weights, counted: sparsityOf(considered) };
}

/** Fraction of the weights that `masks` remove from the parameters that they name; 0 where they name none. */
export function removedByMasks(masks: Masks): number {
  return sparsityOf([...masks.values()].map(countNonzero));
}

function countNonzero(values: Float32Array | Uint8Array): { total: number; nonzero: number } {
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
