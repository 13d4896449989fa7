import { maskPairs, scrambledSobol, sobolDimensions, sobolPoints, totalSobol } from '@espalier/concept-activations';
import { describe, expect, test } from 'vitest';
import { reference } from './reference.ts';

describe('Sobol points', () => {
  test('are those of SciPy in 128 dimensions', () => {
    expect(sobolDimensions).toBe(128);
    expect(points(sobolPoints(16, 128), 128).sort(byFirst)).toEqual(points(reference.sobol, 128).sort(byFirst));
  });

  test('scrambled ones hit every one of n cells of each dimension once', () => {
    const cells = points(scrambledSobol(64, 128, 5, 0), 128);
    for (let dimension = 0; dimension < 128; dimension++) {
      const hit = cells.map((point) => Math.floor(64 * point[dimension]!)).sort((a, b) => a - b);
      expect(hit).toEqual([...hit.keys()]);
    }
  });

  test('scrambled ones keep the net of the first two dimensions: one point in every box of area 1/n', () => {
    const set = points(scrambledSobol(64, 2, 5, 1), 2);
    for (let split = 0; split <= 6; split++) {
      const boxes = set.map(
        ([x, y]) => Math.floor(x! * 2 ** split) * 2 ** (6 - split) + Math.floor(y! * 2 ** (6 - split)),
      );
      expect(boxes.sort((a, b) => a - b)).toEqual([...boxes.keys()]);
    }
  });

  test('depend on seed and replicate, and on nothing else', () => {
    expect(scrambledSobol(8, 3, 1, 0)).toEqual(scrambledSobol(8, 3, 1, 0));
    expect(scrambledSobol(8, 3, 1, 0)).not.toEqual(scrambledSobol(8, 3, 1, 1));
    expect(scrambledSobol(8, 3, 1, 0)).not.toEqual(scrambledSobol(8, 3, 2, 0));
  });

  test('are uniform over scramblings: the first point too', () => {
    const first = Array.from({ length: 400 }, (_, replicate) => scrambledSobol(1, 1, 0, replicate)[0]!);
    const mean = first.reduce((sum, value) => sum + value, 0) / first.length;
    // Three standard errors of the mean of 400 uniform numbers.
    expect(Math.abs(mean - 0.5)).toBeLessThan(3 / Math.sqrt(12 * 400));
  });
});

describe('total Sobol indices', () => {
  test.each([
    ['ten equal inputs, from 16 points', 10, 16, sum, () => 0.1],
    ['one input of five, from 16 points', 5, 16, (m: Mask) => 3 * m[2]! - 7, (i: number) => Number(i === 2)],
    [
      'unequal inputs, from 16 points',
      3,
      16,
      (m: Mask) => m[0]! + 2 * m[1]! + 2 * m[2]!,
      (i: number) => [1, 4, 4][i]! / 9,
    ],
  ])('%s: exact, because the output is linear', (_, inputs, count, output, expected) => {
    estimate(inputs, count, 0, output).forEach((index, i) => {
      expect(index).toBeCloseTo(expected(i), 10);
    });
  });

  test.each([
    // Var(xy) = 7/144; the part without x is Var(y)/4 = 1/48, so each has 4/7.
    ['a product', 3, (m: Mask) => m[0]! * m[1]!, [4 / 7, 4 / 7, 0]],
    // The linear parts of a square and of a line are uncorrelated between inputs: Var(x^2) = 4/45, Var(y) = 1/12.
    ['a square and a line', 2, (m: Mask) => m[0]! ** 2 + m[1]!, [16 / 31, 15 / 31]],
  ])('%s: within 0.02, from 1024 points', (_, inputs, output, expected) => {
    estimate(inputs, 1024, 0, output).forEach((index, i) => {
      expect(Math.abs(index - expected[i]!)).toBeLessThan(0.02);
    });
  });

  test('agree with Jansen’s formula written down, where the line explains nothing', () => {
    const output = (m: Mask) => Math.cos(2 * Math.PI * (m[0]! - m[1]!));
    const [inputs, count] = [2, 4096];
    const { A, B, outputs } = evaluated(inputs, count, 3, output);
    const variance = outputs.reduce((total, value) => total + value ** 2, 0) / outputs.length;
    totalSobol({ inputs, A, B, outputs }).forEach((index, i) => {
      let total = 0;
      for (let n = 0; n < count; n++) total += (outputs[3 * n]! - outputs[3 * n + 1 + i]!) ** 2;
      expect(index).toBeCloseTo(total / (2 * count * variance), 2);
    });
  });

  test('of an output that does not change are zero, rounding included', () => {
    expect([...estimate(4, 16, 0, () => 3)]).toEqual([0, 0, 0, 0]);
    expect([...estimate(4, 16, 0, (mask) => Math.fround(3 + (mask[0]! > 0.5 ? 4e-7 : 0)))]).toEqual([0, 0, 0, 0]);
    expect([...estimate(4, 16, 0, () => 0)]).toEqual([0, 0, 0, 0]);
  });
});

type Mask = Float64Array;

function sum(mask: Mask): number {
  return mask.reduce((total, value) => total + value, 0);
}

function estimate(inputs: number, count: number, seed: number, output: (mask: Mask) => number): Float64Array {
  return totalSobol({ inputs, ...evaluated(inputs, count, seed, output) });
}

function evaluated(inputs: number, count: number, seed: number, output: (mask: Mask) => number) {
  const { A, B } = maskPairs(count, inputs, seed, 0);
  const outputs = new Float64Array(count * (inputs + 1));
  for (let n = 0; n < count; n++) {
    const mask = A.slice(n * inputs, (n + 1) * inputs);
    outputs[n * (inputs + 1)] = output(mask);
    for (let i = 0; i < inputs; i++) {
      outputs[n * (inputs + 1) + 1 + i] = output(mask.map((value, j) => (i === j ? B[n * inputs + i]! : value)));
    }
  }
  return { A, B, outputs };
}

function points(values: ArrayLike<number>, dimensions: number): number[][] {
  const all = Array.from(values);
  return Array.from({ length: all.length / dimensions }, (_, n) => all.slice(n * dimensions, (n + 1) * dimensions));
}

function byFirst(a: readonly number[], b: readonly number[]): number {
  return a[0]! - b[0]!;
}
