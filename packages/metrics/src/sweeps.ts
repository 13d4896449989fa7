import type { HoleSystem } from './hole-system.ts';

/** Vectors of the solver: three channels interleaved, one entry per entry of the system, zero outside holes. */
export interface SweepState {
  /** The image: known everywhere but at holes. */
  readonly values: Float64Array;
  /** E^-1 (b - A values). */
  readonly residual: Float64Array;
  /** F times the search direction. */
  readonly scaled: Float64Array;
  /** The search direction. */
  readonly direction: Float64Array;
  /** E^-1 (scaled - (2 D - D_A) direction): with `direction` added, the matrix times `scaled`. */
  readonly product: Float64Array;
}

export function sweepState({ hole }: HoleSystem): SweepState {
  const vector = () => new Float64Array(3 * hole.length);
  return { values: vector(), residual: vector(), scaled: vector(), direction: vector(), product: vector() };
}

/** Computes the residual and returns its energy r' M^-1 r per channel. */
export function initialResidual(system: HoleSystem, { values, residual }: SweepState): number[] {
  const { runs, runCount, degree, pivots, inverse } = system;
  const row = 3 * system.stride;
  const energies = [0, 0, 0];
  for (let run = 0; run < runCount; run += 2) {
    for (let i = runs[run]!; i < runs[run + 1]!; i++) {
      for (let c = 0; c < 3; c++) {
        const q = 3 * i + c;
        const direct = values[q - 3]! + values[q + 3]! + values[q - row]! + values[q + row]!;
        const diagonal = values[q - row - 3]! + values[q - row + 3]! + values[q + row - 3]! + values[q + row + 3]!;
        const own = 2 * direct + diagonal - degree[i]! * values[q]!;
        const earlier = 2 * (residual[q - 3]! + residual[q - row]!) + residual[q - row - 3]! + residual[q - row + 3]!;
        const value = (own + earlier) * inverse[i]!;
        residual[q] = value;
        energies[c]! += pivots[i]! * value * value;
      }
    }
  }
  return energies;
}

/**
 * Takes the last step, turns the direction, and substitutes backward: `direction` = F^-1 `scaled`.
 *
 * @param steps length of the last step per channel; 0 at the start
 * @param turns share of the last direction in the new one
 * @returns the energy of the residual per channel
 */
export function backwardSweep(
  { runs, runCount, stride, pivots, inverse }: HoleSystem,
  { values, residual, scaled, direction, product }: SweepState,
  steps: readonly number[],
  turns: readonly number[],
): number[] {
  const row = 3 * stride;
  const energies = [0, 0, 0];
  for (let c = 0; c < 3; c++) {
    const [step, turn] = [steps[c]!, turns[c]!];
    let energy = 0;
    for (let run = runCount - 2; run >= 0; run -= 2) {
      for (let i = runs[run + 1]! - 1; i >= runs[run]!; i--) {
        const q = 3 * i + c;
        const last = direction[q]!;
        values[q]! += step * last;
        const left = residual[q]! - step * (last + product[q]!);
        residual[q] = left;
        energy += pivots[i]! * left * left;
        const turned = pivots[i]! * left + turn * scaled[q]!;
        scaled[q] = turned;
        const later = 2 * (direction[q + 3]! + direction[q + row]!) + direction[q + row - 3]! + direction[q + row + 3]!;
        direction[q] = (turned + later) * inverse[i]!;
      }
    }
    energies[c] = energy;
  }
  return energies;
}

/**
 * Substitutes forward: `product`.
 *
 * @returns per channel, `curvatures` p' A p of the direction p, and `norms` v' D v of v = `direction` + `product`
 */
export function forwardSweep(
  { runs, runCount, stride, pivots, inverse, degree }: HoleSystem,
  { scaled, direction, product }: SweepState,
): { curvatures: number[]; norms: number[] } {
  const row = 3 * stride;
  const curvatures = [0, 0, 0];
  const norms = [0, 0, 0];
  for (let c = 0; c < 3; c++) {
    let curvature = 0;
    let norm = 0;
    for (let run = 0; run < runCount; run += 2) {
      for (let i = runs[run]!; i < runs[run + 1]!; i++) {
        const q = 3 * i + c;
        const earlier = 2 * (product[q - 3]! + product[q - row]!) + product[q - row - 3]! + product[q - row + 3]!;
        const solved = (scaled[q]! - (2 * pivots[i]! - degree[i]!) * direction[q]! + earlier) * inverse[i]!;
        product[q] = solved;
        const all = direction[q]! + solved;
        curvature += scaled[q]! * all;
        norm += pivots[i]! * all * all;
      }
    }
    curvatures[c] = curvature;
    norms[c] = norm;
  }
  return { curvatures, norms };
}
