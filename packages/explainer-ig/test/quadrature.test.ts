import { gaussLegendre, pathRules, type Quadrature, quadrature, refine } from '@espalier/explainer-ig';
import { describe, expect, test } from 'vitest';
import { reference } from './reference.ts';

const refinable = pathRules.filter((rule) => rule !== 'captum-trapezoid');

describe('Gauss-Legendre', () => {
  test.each(reference.legendre)('has the points and weights of NumPy', ({ points, weights }) => {
    const found = gaussLegendre(points.length);
    found.points.forEach((point, i) => {
      expect(point).toBeCloseTo(points[i]!, 14);
    });
    found.weights.forEach((weight, i) => {
      expect(weight).toBeCloseTo(weights[i]!, 14);
    });
  });

  test.each([1, 2, 3, 7, 20])('with %i points integrates every power it should', (count) => {
    for (let power = 0; power < 2 * count; power++) {
      expect(integral(gaussLegendre(count), (x) => x ** power)).toBeCloseTo(1 / (power + 1), 13);
    }
  });
});

describe('weights', () => {
  test.each(refinable)('of %s add up to 1', (rule) => {
    for (const count of [2, 3, 10, 50, 801]) expect(integral(quadrature(rule, count), () => 1)).toBeCloseTo(1, 12);
  });

  test('of captum-trapezoid add up to 1 - 1/n, as in Captum', () => {
    for (const count of [2, 10, 50]) {
      expect(integral(quadrature('captum-trapezoid', count), () => 1)).toBeCloseTo(1 - 1 / count, 13);
    }
  });

  test('the rules, worked by hand', () => {
    expect(quadrature('trapezoid', 3)).toEqual({ points: [0, 0.5, 1], weights: [0.25, 0.5, 0.25] });
    expect(quadrature('captum-trapezoid', 4)).toEqual({
      points: [0, 1 / 3, 2 / 3, 1],
      weights: [0.125, 0.25, 0.25, 0.125],
    });
    expect(quadrature('riemann-left', 2)).toEqual({ points: [0, 0.5], weights: [0.5, 0.5] });
    expect(quadrature('riemann-middle', 2)).toEqual({ points: [0.25, 0.75], weights: [0.5, 0.5] });
    expect(quadrature('riemann-right', 2)).toEqual({ points: [0.5, 1], weights: [0.5, 0.5] });
  });
});

describe('refinement', () => {
  test.each(refinable)('of %s adds up to the finer rule itself', (rule) => {
    const curve = (x: number) => Math.exp(x) * Math.sin(9 * x);
    for (const count of [2, 5, 16]) {
      const finer = refine(rule, count);
      const refined = finer.keep * integral(quadrature(rule, count), curve) + integral(finer.added, curve);
      expect(refined).toBeCloseTo(integral(quadrature(rule, finer.count), curve), 12);
    }
  });

  test.each(refinable.filter((rule) => rule !== 'gauss-legendre'))('of %s uses every point again', (rule) => {
    const finer = refine(rule, 6);
    const points = [...quadrature(rule, 6).points, ...finer.added.points].sort((a, b) => a - b);
    quadrature(rule, finer.count).points.forEach((point, i) => {
      expect(points[i]).toBeCloseTo(point, 14);
    });
  });
});

function integral({ points, weights }: Quadrature, curve: (x: number) => number): number {
  return points.reduce((sum, point, i) => sum + weights[i]! * curve(point), 0);
}
