/** Points in [0, 1] and the weights with which values there add up to an integral over [0, 1]. */
export interface Quadrature {
  readonly points: readonly number[];
  readonly weights: readonly number[];
}

/**
 * Gauss-Legendre quadrature on [0, 1]: exact for polynomials of degree 2 `count` - 1.
 *
 * The points are the roots of the Legendre polynomial, found by Newton's method from Tricomi's estimate, which
 * lies inside the basin of the right root for every degree.
 *
 * @param count number of points, at least 1
 */
export function gaussLegendre(count: number): Quadrature {
  const points = new Array<number>(count);
  const weights = new Array<number>(count);
  for (let i = 0; i < Math.ceil(count / 2); i++) {
    const { root, slope } = legendreRoot(count, i);
    const weight = 1 / ((1 - root * root) * slope * slope);
    points[i] = (1 - root) / 2;
    points[count - 1 - i] = (1 + root) / 2;
    weights[i] = weight;
    weights[count - 1 - i] = weight;
  }
  return { points, weights };
}

/** The `index`-th largest root of the Legendre polynomial of `degree`, and the polynomial's slope there. */
function legendreRoot(degree: number, index: number): { root: number; slope: number } {
  if (2 * index + 1 === degree) return { root: 0, slope: legendre(degree, 0).slope };
  let root = Math.cos((Math.PI * (index + 0.75)) / (degree + 0.5));
  // Newton doubles the correct digits; from Tricomi's three or more, five steps reach float64 for any degree.
  for (let step = 0; step < 5; step++) {
    const { value, slope } = legendre(degree, root);
    root -= value / slope;
  }
  return { root, slope: legendre(degree, root).slope };
}

/** P_degree(x) and its derivative, by Bonnet's recursion; |x| < 1. */
function legendre(degree: number, x: number): { value: number; slope: number } {
  let before = 1;
  let value = x;
  for (let n = 2; n <= degree; n++) [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n];
  return { value, slope: (degree * (before - x * value)) / (1 - x * x) };
}
