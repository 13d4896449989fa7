/**
 * Probability that |T| exceeds `t` for Student's T with `df` degrees of freedom: I_x(df/2, 1/2), x = df / (df + t^2).
 *
 * Source: Abramowitz and Stegun (1964), 26.7.1.
 */
export function twoSidedTail(t: number, df: number): number {
  if (!Number.isFinite(t)) return 0;
  return incompleteBeta(df / (df + t * t), df / 2, 1 / 2);
}

/** The t that |T| exceeds with probability `p` in (0, 1], to about 1e-12 of its size. */
export function twoSidedQuantile(p: number, df: number): number {
  let [low, high] = [0, 1];
  while (twoSidedTail(high, df) > p) [low, high] = [high, 2 * high];
  while (high - low > 1e-13 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (twoSidedTail(middle, df) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The regularised incomplete beta function I_x(a, b), by its continued fraction (modified Lentz; DLMF 8.17.22). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a;
  let [c, d] = [1, 1 / atLeast(1 - ((a + b) * x) / (a + 1))];
  let fraction = d;
  for (let m = 1; m <= 500; m++) {
    for (const term of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / atLeast(1 + term * d);
      c = atLeast(1 + term / c);
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return front * fraction;
}

/** Keeps a denominator of the continued fraction off zero. */
function atLeast(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}

/** log of the gamma function for z > 0: Lanczos' series with g = 7, nine terms; relative error below 1e-14. */
function logGamma(z: number): number {
  if (z < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * z)) - logGamma(1 - z);
  const sum = lanczos.reduce((total, term, i) => total + (i === 0 ? term : term / (z - 1 + i)), 0);
  const base = z + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (z - 0.5) * Math.log(base) - base + Math.log(sum);
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
