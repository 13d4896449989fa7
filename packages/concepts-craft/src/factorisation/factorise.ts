import {
  gram,
  type Matrix,
  multiplyByTransposed,
  relativeError,
  transposed,
  transposeInto,
  zeros,
} from '@espalier/concept-activations';
import { descend } from './coordinate-descent.ts';

/**
 * A = U W with non-negative U and W.
 *
 * | letter | meaning | shape |
 * |---|---|---|
 * | A | activations of crops | p d |
 * | U | strength of each concept in each crop | p r |
 * | W | concept directions | r d |
 * | V | W transposed, as it is computed with | d r |
 */
export interface Factorisation {
  readonly codes: Matrix;
  /** V: one column per concept. */
  readonly directions: Matrix;
  /** ||A - UW|| / ||A||, Frobenius; 0 when A is zero. */
  readonly relativeError: number;
  readonly iterations: number;
  readonly stop: 'converged' | 'iteration-limit';
}

/** When a factorisation stops. */
export interface FactorOptions {
  /** Stop when the norm of the projected gradient has fallen to this fraction of its first value. */
  readonly tolerance: number;
  readonly maxIterations: number;
}

// Products with A cost far more than a sweep, so each product serves two (Gillis & Glineur 2012).
const sweepsPerProduct = 2;

/**
 * Minimises ||A - UW|| from the given directions, alternating between U and W, one coordinate at a time (HALS: Cichocki & Phan
 * 2009). With all others fixed, 1/2 ||A - UV'||^2 is a parabola in U[i, k], of slope (U V'V - A V)[i, k] and curvature
 * (V'V)[k, k], so its minimum over values that are not negative is
 *
 *     U[i, k] <- max(0, U[i, k] - (U V'V - A V)[i, k] / (V'V)[k, k])        A V: p r    V'V: r r
 *     V[j, k] <- max(0, V[j, k] - (V U'U - A'U)[j, k] / (U'U)[k, k])        A'U: d r    U'U: r r
 *
 * the second by transposing everything. Slowly, one sweep over U is
 *
 *     for each crop i, for each concept k:
 *       rest = A[i] - sum over l != k of U[i, l] W[l]                       what k has left to explain, d
 *       U[i, k] = max(0, rest . W[k] / W[k] . W[k])
 *
 * and `descend` does the same without forming `rest`. Each alternation starts a little ahead, along the last change
 * (extrapolated HALS, Ang & Gillis 2019): a third of the iterations that plain coordinate descent needs.
 *
 * @param A non-negative, p d
 * @param directions V to start from, d r
 */
export function factorise(A: Matrix, directions: Matrix, { tolerance, maxIterations }: FactorOptions): Factorisation {
  const rank = directions.columns;
  const columnsOfA = transposed(A);
  const [W, columnsOfU] = [zeros(rank, A.columns), zeros(rank, A.rows)];
  const [crossOfU, crossOfV] = [zeros(A.rows, rank), zeros(A.columns, rank)];
  const norm = squaredNorm(A.data);
  const U = new Extrapolated(zeros(A.rows, rank));
  const V = new Extrapolated({ ...directions, data: directions.data.slice() });
  const pace = new Pace();
  let first = Number.POSITIVE_INFINITY;
  let stop: Factorisation['stop'] = 'iteration-limit';
  let iterations = 0;
  while (iterations < maxIterations && stop !== 'converged') {
    transposeInto(V.point, W);
    multiplyByTransposed(A, W, crossOfU);
    const violationOfU = descend(U.point, gram(V.point), crossOfU, sweepsPerProduct);
    // The codes start from nothing: their first change is no direction to run ahead in.
    U.accept(iterations === 0 ? 0 : pace.step);

    transposeInto(U.point, columnsOfU);
    multiplyByTransposed(columnsOfA, columnsOfU, crossOfV);
    const gramOfU = gram(U.point);
    const violationOfV = descend(V.point, gramOfU, crossOfV, sweepsPerProduct);
    const error = norm - 2 * dot(crossOfV.data, V.point.data) + dot(gramOfU.data, gram(V.point).data);
    V.accept(iterations === 0 ? 0 : pace.step);
    if (!pace.next(error)) for (const factor of [U, V]) factor.stepBack();

    const violation = Math.sqrt(violationOfV + (iterations === 0 ? 0 : violationOfU));
    if (iterations === 0) first = violation;
    if (violation <= tolerance * first) stop = 'converged';
    iterations++;
  }
  const [codes, found] = [U.accepted, V.accepted];
  return { codes, directions: found, relativeError: relativeError(A, codes, { directions: found }), iterations, stop };
}

/** A factor and the point ahead of it from which the next descent starts. */
class Extrapolated {
  /** Where descent happens, in place. */
  readonly point: Matrix;
  /** The factor as the last descent left it. */
  readonly accepted: Matrix;

  constructor(start: Matrix) {
    this.point = start;
    this.accepted = { ...start, data: start.data.slice() };
  }

  /** Takes in what descent found, and moves the point on by the fraction `step` of the change, within the signs allowed. */
  accept(step: number): void {
    const [point, accepted] = [this.point.data, this.accepted.data];
    for (let i = 0; i < point.length; i++) {
      const found = point[i]!;
      point[i] = Math.max(0, found + step * (found - accepted[i]!));
      accepted[i] = found;
    }
  }

  stepBack(): void {
    this.point.data.set(this.accepted.data);
  }
}

// Growth of the step after success, of its ceiling after success, and its cut after failure: Ang & Gillis (2019), section 4.
const [growth, ceilingGrowth, cut] = [1.05, 1.01, 1.5];

/** How far to run ahead: further while the error falls, less when it rose. */
class Pace {
  step = 0.5;
  #ceiling = 1;
  #error = Number.POSITIVE_INFINITY;

  /** @returns false when the error rose, so that the points ahead were bad ones */
  next(error: number): boolean {
    const fell = error <= this.#error;
    this.#error = error;
    if (fell) {
      this.step = Math.min(this.#ceiling, growth * this.step);
      this.#ceiling = Math.min(1, ceilingGrowth * this.#ceiling);
    } else {
      this.#ceiling = this.step;
      this.step /= cut;
    }
    return fell;
  }
}

function squaredNorm(values: Float64Array): number {
  return dot(values, values);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
