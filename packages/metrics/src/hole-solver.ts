import { type HoleSystem, resistanceBound } from './hole-system.ts';
import { backwardSweep, forwardSweep, initialResidual, type SweepState, sweepState } from './sweeps.ts';

/** What a solve did. */
export interface Solve {
  readonly iterations: number;
  /** Bound on the largest absolute error of any value, in the units of the values. */
  readonly errorBound: number;
}

/** A state of `values` for {@link solveHoles}; one entry per entry of the system, three channels interleaved. */
export { type SweepState as HoleState, sweepState as holeState };

/**
 * Replaces the values at holes by the solution of the system, for three channels at once, starting from what is there.
 *
 * Conjugate gradients preconditioned by M, in Eisenstat's form (1981): with E = D - W and F = D - W', the matrix
 * E^-1 A F^-1 is applied in one backward and one forward substitution, no product with A needed. Stops when the error
 * of every value is proved to be at most `tolerance`: see {@link HoleSystem} and {@link resistanceBound}.
 */
export function solveHoles(system: HoleSystem, state: SweepState, tolerance: number): Solve {
  const resistance = resistanceBound(system);
  const enough = tolerance ** 2 / Math.max(resistance, 1);
  // Twice what conjugate gradients need on a frame that is one hole but for a corner (measured).
  const limit = 100 + 4 * (system.height + system.width);
  let energies = initialResidual(system, state);
  const steps = [0, 0, 0];
  const turns = [0, 0, 0];
  let iterations = 0;
  while (Math.max(...energies) > enough && iterations < limit) {
    const before = backwardSweep(system, state, steps, turns);
    const { curvatures, norms } = forwardSweep(system, state);
    energies = before.map((energy, c) => {
      const step = curvatures[c]! > 0 ? energy / curvatures[c]! : 0;
      // The new energy follows from the old one because a new residual is orthogonal to the old direction.
      const after = Math.max(0, step * step * norms[c]! - energy);
      steps[c] = step;
      turns[c] = energy > 0 ? after / energy : 0;
      return after;
    });
    iterations++;
  }
  if (iterations > 0) takeStep(system, state, steps);
  return { iterations, errorBound: Math.sqrt(Math.max(...energies) * resistance) };
}

function takeStep({ runs, runCount }: HoleSystem, { values, direction }: SweepState, steps: readonly number[]): void {
  for (let run = 0; run < runCount; run += 2) {
    for (let i = 3 * runs[run]!; i < 3 * runs[run + 1]!; i++) values[i]! += steps[i % 3]! * direction[i]!;
  }
}
