import { StudyError } from '@espalier/core';
import type { HoleSystem } from './hole-system.ts';

/** What a solve did. */
export interface Solve {
  readonly iterations: number;
  /** Bound on the largest absolute error of any value, in the units of the values. */
  readonly errorBound: number;
}

/**
 * Replaces the values at holes by the solution of the system, three channels at once, starting from what is there.
 *
 * Conjugate gradients preconditioned by M in Eisenstat's form (1981): E^-1 A F^-1 is applied by one backward and one
 * forward substitution, without a product with A. They run in float32 on the change of the values; residual and values are
 * float64, and where rounding has kept the change from being enough, another change follows (iterative refinement).
 * Stops when the error of every value is proved to be at most `tolerance`: see {@link HoleSystem}.
 *
 * @throws StudyError `metrics/not-converged` when that is not reached
 */
export function solveHoles(system: HoleSystem, tolerance: number): Solve {
  const { kernels, energies } = system.memory;
  const resistance = Math.max(system.resistanceBound(), 0.5);
  const enough = tolerance ** 2 / resistance;
  let iterations = 0;
  for (let round = 0; round < mostRounds; round++) {
    kernels.findResidual(system.runCount);
    const energy = Math.max(...energies);
    if (energy <= enough) return { iterations, errorBound: Math.sqrt(energy * resistance) };
    iterations += change(system, Math.max(enough / 4, energy * leastGain));
  }
  throw new StudyError(
    'metrics/not-converged',
    `Imputing pixels to an error of ${tolerance} did not end within ${iterations} iterations, at an error bound of ` +
      `${Math.sqrt(Math.max(...energies) * resistance)}. Ask for a larger tolerance.`,
  );
}

// What float32 can gain in one round, as a fraction of the energy; and more rounds than that ever takes.
const leastGain = 1e-8;
const mostRounds = 20;

/** Conjugate gradients until the energy of the residual is at most `goal`. Returns the iterations. */
function change({ height, width, runCount, memory }: HoleSystem, goal: number): number {
  const { kernels, steps, turns, energies, curvatures, norms } = memory;
  // Far more than a frame takes of which one corner is known: a guard, not a rule.
  const limit = 4 * (height + width);
  steps.fill(0);
  turns.fill(0);
  let iterations = 0;
  let worst = Number.POSITIVE_INFINITY;
  while (worst > goal && iterations < limit) {
    kernels.substituteBackward(runCount);
    kernels.substituteForward(runCount);
    worst = 0;
    for (let c = 0; c < 3; c++) {
      const energy = energies[c]!;
      const step = curvatures[c]! > 0 ? energy / curvatures[c]! : 0;
      // The new energy follows from the old one, because the new residual is orthogonal to the old direction.
      const after = Math.max(0, step * step * norms[c]! - energy);
      steps[c] = step;
      turns[c] = energy > 0 ? after / energy : 0;
      worst = Math.max(worst, after);
    }
    iterations++;
  }
  kernels.applyChange(runCount);
  return iterations;
}
