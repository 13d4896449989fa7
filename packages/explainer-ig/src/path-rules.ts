import { gaussLegendre, type Quadrature } from './gauss-legendre.ts';

/** Ways to turn the integral along the path into a weighted sum of gradients. */
export const pathRules = [
  'gauss-legendre',
  'trapezoid',
  'riemann-left',
  'riemann-right',
  'riemann-middle',
  'captum-trapezoid',
] as const;

/** How the integral along the path is summed. */
export type PathRule = (typeof pathRules)[number];

/**
 * The points in [0, 1] and weights of `rule`. Weights add up to 1, except those of `captum-trapezoid`.
 *
 * `captum-trapezoid` is Captum's `riemann_trapezoid`: `count` points from 0 to 1 weighted 1/`count` instead of
 * 1/(`count` - 1), so that its weights add up to 1 - 1/`count`. Quantus uses it with 10 points. It is here to
 * reproduce their numbers.
 *
 * @param count number of points; at least 2 for the trapezoids, 1 for the others
 */
export function quadrature(rule: PathRule, count: number): Quadrature {
  switch (rule) {
    case 'gauss-legendre':
      return gaussLegendre(count);
    case 'trapezoid':
      return trapezoid(count, 1 / (count - 1));
    case 'captum-trapezoid':
      return trapezoid(count, 1 / count);
    case 'riemann-left':
      return equal(count, 0);
    case 'riemann-middle':
      return equal(count, 0.5);
    case 'riemann-right':
      return equal(count, 1);
  }
}

/** A finer quadrature, given as what must be added to the sum of a coarser one. */
export interface Refinement {
  /** Number of points of the finer rule. */
  readonly count: number;
  /** Factor on the sum of the coarser rule, whose points are all used again; 0 where none can be. */
  readonly keep: number;
  readonly added: Quadrature;
}

/**
 * The next finer quadrature after `count` points.
 *
 * The middle rule triples its points, the other equidistant rules halve their step: all nest, so no gradient is
 * computed twice. Gauss-Legendre rules share no points; twice as many are computed afresh.
 */
export function refine(rule: Exclude<PathRule, 'captum-trapezoid'>, count: number): Refinement {
  const odd = (cells: number): Quadrature => ({
    points: Array.from({ length: cells }, (_, i) => (i + 0.5) / cells),
    weights: new Array<number>(cells).fill(0.5 / cells),
  });
  switch (rule) {
    case 'gauss-legendre':
      return { count: 2 * count, keep: 0, added: gaussLegendre(2 * count) };
    case 'trapezoid':
      return { count: 2 * count - 1, keep: 0.5, added: odd(count - 1) };
    case 'riemann-left':
    case 'riemann-right':
      return { count: 2 * count, keep: 0.5, added: odd(count) };
    case 'riemann-middle': {
      const { points, weights } = equal(3 * count, 0.5);
      const isNew = (_: number, i: number) => i % 3 !== 1;
      return { count: 3 * count, keep: 1 / 3, added: { points: points.filter(isNew), weights: weights.filter(isNew) } };
    }
  }
}

function equal(count: number, shift: number): Quadrature {
  return {
    points: Array.from({ length: count }, (_, i) => (i + shift) / count),
    weights: new Array<number>(count).fill(1 / count),
  };
}

function trapezoid(count: number, step: number): Quadrature {
  return {
    points: Array.from({ length: count }, (_, i) => i / (count - 1)),
    weights: Array.from({ length: count }, (_, i) => (i === 0 || i === count - 1 ? step / 2 : step)),
  };
}
