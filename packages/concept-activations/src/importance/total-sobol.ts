import { mean } from '@espalier/numerics';

// Float32 outputs that differ by no more than this fraction of their size differ by rounding: they are one value.
const rounding = 2 ** -20;

/** Masks that were tried and the outputs they gave: `n` points, `k` inputs. */
export interface PickFreeze {
  readonly inputs: number;
  /** n k, uniform in [0, 1). */
  readonly A: Float64Array;
  /** n k, uniform in [0, 1), independent of A. */
  readonly B: Float64Array;
  /** n (k + 1): for each point the output at A, then at A with each column from B. */
  readonly outputs: Float64Array;
}

/**
 * Total Sobol indices by Jansen's estimator (1999): the share of the output's variance that input i has a part in,
 *
 *     S_i = mean((y(A) - y(A with column i from B))^2) / (2 variance(y)).
 *
 * The best linear fit L of the outputs serves as control variate: input i gives it the variance b_i^2 / 12 exactly,
 * and only what it misses, R = y - L, is averaged over points. So an output that is linear in its inputs gets its
 * exact indices from any design with more points than inputs.
 *
 * @returns one index per input, at least 0; all 0 when the output does not change
 */
export function totalSobol({ inputs, A, B, outputs }: PickFreeze): Float64Array {
  const indices = new Float64Array(inputs);
  if (isConstant(outputs)) return indices;
  const slopes = linearSlopes({ inputs, A, B, outputs });
  const rest = missedBy(slopes, { inputs, A, B, outputs });
  const linear = slopes.reduce((sum, slope) => sum + slope ** 2 / 12, 0);
  const variance = linear + rest.reduce((sum, value) => sum + value ** 2, 0) / rest.length;
  const points = A.length / inputs;
  for (let i = 0; i < inputs; i++) {
    let sum = 0;
    for (let point = 0; point < points; point++) {
      const change = rest[point * (inputs + 1)]! - rest[point * (inputs + 1) + 1 + i]!;
      const step = A[point * inputs + i]! - B[point * inputs + i]!;
      sum += slopes[i]! * step * change + change ** 2 / 2;
    }
    indices[i] = Math.max(0, slopes[i]! ** 2 / 12 + sum / points) / variance;
  }
  return indices;
}

/** Whether float32 outputs differ by rounding alone. */
export function isConstant(outputs: Float64Array): boolean {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of outputs) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return most - least <= rounding * Math.max(Math.abs(least), Math.abs(most));
}

/** Visits every evaluated mask, centred at 1/2, and the index of its output. */
function eachMask({ inputs, A, B }: PickFreeze, visit: (mask: Float64Array, output: number) => void): void {
  for (let point = 0; point < A.length / inputs; point++) {
    const mask = A.slice(point * inputs, (point + 1) * inputs).map((value) => value - 0.5);
    const output = point * (inputs + 1);
    visit(mask, output);
    for (let i = 0; i < inputs; i++) {
      const held = mask[i]!;
      mask[i] = B[point * inputs + i]! - 0.5;
      visit(mask, output + 1 + i);
      mask[i] = held;
    }
  }
}

/** Slopes of the least-squares line through all outputs, by the normal equations. */
function linearSlopes(design: PickFreeze): Float64Array {
  const { inputs, outputs } = design;
  const middle = mean(outputs);
  const means = new Float64Array(inputs);
  eachMask(design, (mask) => {
    for (let i = 0; i < inputs; i++) means[i]! += mask[i]! / outputs.length;
  });
  const squares = Array.from({ length: inputs }, () => new Float64Array(inputs + 1));
  eachMask(design, (mask, output) => {
    for (let i = 0; i < inputs; i++) {
      const value = mask[i]! - means[i]!;
      const row = squares[i]!;
      for (let j = 0; j < inputs; j++) row[j]! += value * (mask[j]! - means[j]!);
      row[inputs]! += value * (outputs[output]! - middle);
    }
  });
  return solve(squares);
}

/** What the line misses of each output, with mean 0. */
function missedBy(slopes: Float64Array, design: PickFreeze): Float64Array {
  const rest = design.outputs.slice();
  eachMask(design, (mask, output) => {
    for (let i = 0; i < slopes.length; i++) rest[output]! -= slopes[i]! * mask[i]!;
  });
  const middle = mean(rest);
  return rest.map((value) => value - middle);
}

/** Solves the positive definite system whose right-hand side is each row's last entry, by elimination. */
function solve(rows: readonly Float64Array[]): Float64Array {
  const size = rows.length;
  rows.forEach((pivot, p) => {
    rows.forEach((row, r) => {
      if (r === p) return;
      const factor = row[p]! / pivot[p]!;
      for (let j = p; j <= size; j++) row[j]! -= factor * pivot[j]!;
    });
  });
  return Float64Array.from(rows, (row, i) => row[size]! / row[i]!);
}
