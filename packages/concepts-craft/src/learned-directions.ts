import type { Matrix, Told } from '@espalier/concept-activations';
import { randomStream } from '@espalier/core';
import { type Factorisation, type FactorOptions, factorise } from './factorisation/factorise.ts';
import { extremeRows, randomMeans } from './factorisation/start-directions.ts';
import type { FoundDirections } from './non-negative-dictionary.ts';

export interface LearnOptions extends FactorOptions {
  readonly concepts: number;
  /** Factorisations from seeded random starts, besides the one from extreme crops. */
  readonly restarts: number;
}

/**
 * The directions of the factorisation of least error among the starts: extreme crops first, then seeded random ones.
 *
 * @param A p d, activations of the crops to learn from
 * @param seed and a label that tells the random streams of this factorisation from those of others
 * @param told is called after each start
 */
export function learnedDirections(
  A: Matrix,
  options: LearnOptions,
  { seed, label }: { readonly seed: number; readonly label: string },
  told: Told,
): FoundDirections {
  const starts = 1 + options.restarts;
  const start = (run: number) => {
    const stream = randomStream(seed, 'factorise', label, run);
    return run === 0 ? extremeRows(A, options.concepts, stream) : randomMeans(A, options.concepts, stream);
  };
  let best: Factorisation = factorise(A, start(0), options);
  told(1 / starts);
  for (let run = 1; run < starts; run++) {
    const other = factorise(A, start(run), options);
    if (other.relativeError < best.relativeError) best = other;
    told((run + 1) / starts);
  }
  return best;
}
