import { sizeOf } from '../array.ts';
import type { ParameterInfo } from './model.ts';

/** How the weights of a kernel lie in its row-major array. */
export interface KernelLayout {
  readonly outputs: number;
  readonly inputs: number;
  /** Weights that one output is summed from: of all inputs that it sees, at all places. */
  readonly perOutput: number;
  /** Where weight j of an output lies, by inputs and then by places. */
  readonly at: (output: number, j: number) => number;
  /** From a weight to that of the next input, for the same output and place. */
  readonly inputStep: number;
}

/** Of a kernel `[outputs, inputs, ...places]`, or of `[inputs, outputs]` where it says so. */
export function kernelLayout({ shape, outputAxis = 0 }: Pick<ParameterInfo, 'shape' | 'outputAxis'>): KernelLayout {
  const [outputs, inputs] = [shape[outputAxis] ?? 1, shape[1 - outputAxis] ?? 1];
  const perOutput = sizeOf(shape) / outputs;
  if (outputAxis === 1) return { outputs, inputs, perOutput, at: (o, j) => j * outputs + o, inputStep: outputs };
  return { outputs, inputs, perOutput, at: (o, j) => o * perOutput + j, inputStep: perOutput / inputs };
}
