import type { Expression, FunctionBody } from './assembler.ts';
import type { Lanes } from './lanes.ts';

type Float = 'f32' | 'v128';

/**
 * Functions of one number, from polynomials. NaN stays NaN. Errors are measured in this package's tests; one ulp is the distance to
 * the next float32.
 */

// n ln 2 is subtracted in two parts, the first of which has so few bits that the product is exact.
const ln2 = [0.693359375, -2.121944400546906e-4] as const;
/** (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2, highest power first (Cephes, expf). */
const expTerms = [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1];

/** e^x, within 2 ulp; 0 below -104 and infinity above 88.73. */
export function exponential<F extends Float>(body: FunctionBody, lanes: Lanes<F>, x: Expression<F>): Expression<F> {
  const { add, multiply, constant } = lanes;
  const bounded = lanes.smallest(lanes.largest(x, constant(-104)), constant(89));
  const r = body.local(bounded);
  const n = body.local(lanes.round(multiply(r, constant(Math.LOG2E))));
  for (const part of ln2) body.set(r, lanes.subtract(r, multiply(n, constant(part))));
  const inner = multiply(polynomial(lanes, r, expTerms), multiply(r, r));
  const power = body.local(add(add(inner, r), constant(1)));
  const half = body.local(lanes.floor(multiply(n, constant(0.5)))); // so that no power of two leaves the range too early
  return multiply(multiply(power, lanes.powerOfTwo(half)), lanes.powerOfTwo(lanes.subtract(n, half)));
}

/** 1 / (1 + e^-x), within 3 ulp; 0 below -88.73. */
export function sigmoid<F extends Float>(body: FunctionBody, lanes: Lanes<F>, x: Expression<F>): Expression<F> {
  const { add, divide, constant } = lanes;
  return divide(constant(1), add(constant(1), exponential(body, lanes, lanes.negate(x))));
}

/** (tanh(x) - x) / x^3 in powers of x^2 for |x| < 0.625, highest first (Cephes, tanhf). */
const tanhTerms = [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1];

/** tanh(x), within 3 ulp: a polynomial near 0, 1 - 2 / (e^2|x| + 1) beyond. */
export function hyperbolicTangent<F extends Float>(
  body: FunctionBody,
  lanes: Lanes<F>,
  x: Expression<F>,
): Expression<F> {
  const { add, multiply, constant } = lanes;
  const value = body.local(x);
  const size = body.local(lanes.absolute(value));
  const square = body.local(multiply(value, value));
  const near = add(multiply(multiply(polynomial(lanes, square, tanhTerms), square), value), value);
  const power = exponential(body, lanes, add(size, size));
  const far = body.local(lanes.subtract(constant(1), lanes.divide(constant(2), add(power, constant(1)))));
  const signed = lanes.choose(lanes.greater(lanes.zero(), value), lanes.negate(far), far);
  return lanes.choose(lanes.greater(size, constant(0.625)), signed, near);
}

/** log(erfc(z) / t) + z^2 in powers of t = 1 / (1 + z / 2), highest first (Numerical Recipes, erfcc). */
const erfcTerms = [
  0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
  -1.26551223,
];

/** P(normal < x) = erfc(-x / sqrt(2)) / 2, within 3e-7, and within 1e-5 of itself above 1e-30. */
export function normalShare<F extends Float>(body: FunctionBody, lanes: Lanes<F>, x: Expression<F>): Expression<F> {
  const { add, multiply, constant } = lanes;
  const value = body.local(x);
  const z = body.local(multiply(lanes.absolute(value), constant(Math.SQRT1_2)));
  const t = body.local(lanes.divide(constant(1), add(constant(1), multiply(constant(0.5), z))));
  const exponent = lanes.subtract(polynomial(lanes, t, erfcTerms), multiply(z, z));
  const tail = body.local(multiply(constant(0.5), multiply(t, exponential(body, lanes, exponent))));
  return lanes.choose(lanes.greater(value, lanes.zero()), lanes.subtract(constant(1), tail), tail);
}

/** By Horner's rule; `terms` has the highest power first. */
function polynomial<F extends Float>(lanes: Lanes<F>, x: Expression<F>, terms: readonly number[]): Expression<F> {
  const [highest, ...others] = terms.map((term) => lanes.constant(term)) as [Expression<F>, ...Expression<F>[]]; // none is empty
  return others.reduce((sum, term) => lanes.add(lanes.multiply(sum, x), term), highest);
}
