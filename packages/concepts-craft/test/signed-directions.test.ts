import { conceptImportance, type Matrix, maskPairs } from '@espalier/concept-activations';
import { craft, nonNegativeCodes, randomMeans } from '@espalier/concepts-craft';
import {
  type ConceptBank,
  createFrom,
  type Model,
  type NdArray,
  ndArray,
  plainServices,
  randomStream,
} from '@espalier/core';
import { toyModel, toyTokens } from '@espalier/core/testing';
import { describe, expect, test } from 'vitest';
import { learnedDirections } from '../src/learned-directions.ts';
import { bothParts, signedDirections } from '../src/signed-directions.ts';

const [places, features] = [16, 5];

const images = () => {
  const stream = randomStream(0, 'signed-test');
  const data = Float32Array.from({ length: 4 * 192 }, () => stream.uniform());
  return { ids: ['a', 'b', 'c', 'd'], images: ndArray('n h w c', [4, 8, 8, 3], data), classIndex: 1 };
};

const extract = async (model: Model, options = {}): Promise<ConceptBank> =>
  (await createFrom(craft, { concepts: 4, ...options }, plainServices())).extract(model, images());

describe('the parts of signed values', () => {
  test('are the values above zero beside those below it', () => {
    expect(bothParts(matrix([[1, -2], [0, 3]]))).toEqual(matrix([[1, 0, 0, 2], [0, 3, 0, 0]])); // biome-ignore format: rows
  });

  test('are found as slow multiplicative updates find them', () => {
    const { A } = plantedSigned(1, 40);
    const start = randomMeans(bothParts(A), 3, randomStream(1));
    const { directions } = signedDirections(A, (parts) => learned(parts));
    const slow = slowSigned(A, start, 100);
    expect(missed(A, nonNegativeCodes(A, directions), directions)).toBeLessThanOrEqual(1.02 * slow);
  });

  test('tell planted signed directions, the same ones in other samples', () => {
    const [one, other] = [plantedSigned(1, 120), plantedSigned(2, 120)];
    const [found, again] = [one, other].map(({ A }) => signedDirections(A, (parts) => learned(parts)).directions);
    expect(likeness(one.codes, nonNegativeCodes(one.A, found!))).toBeGreaterThan(0.95);
    expect(likeness(nonNegativeCodes(one.A, again!), nonNegativeCodes(one.A, found!))).toBeGreaterThan(0.95);
  });
});

test('a layer without negative activations has the bank that it has where they are refused', async () => {
  const options = { depth: 0, patch: 0.5 };
  expect(await extract(toyModel(), options)).toEqual(await extract(toyModel(), { ...options, negative: 'refuse' }));
});

describe('a bank of signed tokens', () => {
  test('has signed directions, and maps as the grid lies on the image', async () => {
    const { dictionary, maps, codes } = await extract(toyTokens());
    expect(maps.shape).toEqual([4, 4, 4, 4]);
    expect(Math.min(...dictionary.data)).toBeLessThan(0);
    for (const { data } of [maps, codes]) expect(Math.min(...data)).toBeGreaterThanOrEqual(0);
  });

  test('rebuilds what slow codes rebuild, and the network answers the same to it', async () => {
    const model = toyTokens();
    const bank = await extract(model);
    const activations = await model.activations(images().images, 'tokens');
    const rebuilt = (codeOf: (n: number, place: number) => readonly number[]) =>
      activations.data.map((value, i) => {
        const [row, d] = [Math.floor(i / features), i % features];
        const [n, token] = [Math.floor(row / (1 + places)), row % (1 + places)];
        if (token === 0) return value; // the class token is not rebuilt
        return codeOf(n, token - 1).reduce((sum, code, k) => sum + code * bank.dictionary.data[k * features + d]!, 0);
      });
    const fast = rebuilt((n, place) => [
      ...bank.maps.data.subarray((n * places + place) * 4, (n * places + place + 1) * 4),
    ]);
    const slow = rebuilt((n, place) => {
      const at = (n * (1 + places) + 1 + place) * features;
      return slowCodes(activations.data.subarray(at, at + features), bank.dictionary);
    });
    const logits = async (data: Float32Array) => (await model.classify({ ...activations, data }, 'tokens')).data;
    const [found, expected] = [await logits(fast), await logits(slow)];
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 4);
    });
  });

  test('has the exact importance that a linear head allows', async () => {
    const { importance, maps, dictionary } = await extract(toyTokens());
    const dense = (await toyTokens().weights()).get('fc.weight')!.data.subarray(features, 2 * features);
    for (let n = 0; n < 4; n++) {
      const effects = [0, 1, 2, 3].map((k) => {
        let code = 0;
        for (let place = 0; place < places; place++) code += maps.data[(n * places + place) * 4 + k]! / places;
        return code * dense.reduce((sum, weight, d) => sum + weight * dictionary.data[k * features + d]!, 0);
      });
      const total = effects.reduce((sum, effect) => sum + effect ** 2, 0);
      effects.forEach((effect, k) => {
        expect(importance.data[n * 4 + k]).toBeCloseTo(effect ** 2 / total, 4);
      });
    }
  });

  test('looks into its concepts with the unexplained rest as it is, below zero too', async () => {
    const { children } = await extract(deepTokens(), { depth: 1, branch: { importance: 0, crops: 8, concepts: 2 } });
    expect(children.length).toBeGreaterThan(0);
    for (const { bank } of children) expect(bank.maps.shape.slice(1)).toEqual([4, 4, 2]);
  });
});

test('masks scale concepts at the places alone: tokens before them stay, and the rest may be negative', async () => {
  const seen: NdArray<'n h w d'>[] = [];
  const model: Model = {
    ...toyTokens(),
    async classify(batch) {
      seen.push(batch);
      return ndArray('n k', [batch.shape[0]!, 3]);
    },
  };
  const stream = randomStream(4, 'masks');
  const values = (length: number) => Float32Array.from({ length }, () => stream.normal());
  const [leading, rest, directions] = [values(features), values(places * features), matrix([[1, 0], [-2, 1], [0, 3], [1, -1], [2, 0]])]; // biome-ignore format: rows
  const codes = values(places * 2).map(Math.abs);
  const design = { points: 16, maxPoints: 16, replicates: 2, errorTarget: 1, seed: 7 };
  const head = { model, layer: 'tokens', classIndex: 0 };
  await conceptImportance(head, { codes, leading, rest, isSigned: true }, directions, design);
  const { A } = maskPairs(16, 2, 7, 0);
  const rowsOf = (point: number) => seen[0]!.data.subarray(point * 3 * 17 * features, (point * 3 + 1) * 17 * features);
  for (let point = 0; point < 16; point++) {
    const row = rowsOf(point);
    expect([...row.subarray(0, features)]).toEqual([...leading]);
    rest.forEach((value, i) => {
      const [place, d] = [Math.floor(i / features), i % features];
      const concepts = [0, 1].map((k) => A[point * 2 + k]! * codes[place * 2 + k]! * directions.data[d * 2 + k]!);
      expect(row[features + i]).toBeCloseTo(value + concepts[0]! + concepts[1]!, 4);
    });
  }
});

function matrix(rows: readonly (readonly number[])[]): Matrix {
  return { rows: rows.length, columns: rows[0]!.length, data: Float64Array.from(rows.flat()) };
}

/** The toy with tokens before another layer of tokens, which has them all doubled. */
function deepTokens(): Model {
  const model = toyTokens();
  const [tokens] = model.layers;
  const scaled = (array: NdArray<'n h w d'>, by: number) => ({ ...array, data: array.data.map((value) => value * by) });
  return {
    ...model,
    layers: [
      { ...tokens!, name: 'early' },
      { ...tokens!, name: 'late' },
    ],
    activations: async (batch, layer) => scaled(await model.activations(batch, 'tokens'), layer === 'early' ? 1 : 2),
    classify: (array, layer) => model.classify(scaled(array, layer === 'early' ? 1 : 1 / 2), 'tokens'),
  };
}

/** Mixtures of three signed directions, of which each sample has some. */
function plantedSigned(seed: number, samples: number): { readonly A: Matrix; readonly codes: Matrix } {
  const directions = randomStream(3, 'directions');
  const W = Array.from({ length: 3 }, () => Array.from({ length: 12 }, () => directions.normal()));
  const stream = randomStream(seed, 'codes');
  const strength = () => (stream.uniform() < 0.4 ? stream.uniform() : 0);
  const codes = Array.from({ length: samples }, () => [strength(), strength(), strength()]);
  const mixed = (row: readonly number[], d: number) => row.reduce((sum, code, k) => sum + code * W[k]![d]!, 0);
  const A = codes.map((row) => W[0]!.map((_, d) => mixed(row, d) + 0.02 * stream.normal()));
  return { A: matrix(A), codes: matrix(codes) };
}

function learned(parts: Matrix) {
  const options = { concepts: 3, restarts: 2, tolerance: 1e-3, maxIterations: 500 };
  return learnedDirections(parts, options, { seed: 0, label: 'test' }, () => {});
}

/** How well the columns of `a` are found in `b`: the correlation of each with the one it is most like, of the worst. */
function likeness(a: Matrix, b: Matrix): number {
  const [own, other] = [a, b].map(standardColumns);
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return Math.min(...own!.map((x) => Math.max(...other!.map((y) => dot(x, y)))));
}

function standardColumns({ rows, columns, data }: Matrix): readonly Float64Array[] {
  return Array.from({ length: columns }, (_, k) => {
    const column = Float64Array.from({ length: rows }, (__, i) => data[i * columns + k]!);
    const middle = column.reduce((sum, value) => sum + value / rows, 0);
    const length = Math.hypot(...column.map((value) => value - middle));
    return column.map((value) => (value - middle) / length);
  });
}

/** The error that Lee and Seung's updates (2001) reach on [A+, A-], of the difference of both parts, with slow codes for it. */
function slowSigned(A: Matrix, start: Matrix, steps: number): number {
  const [d, rank] = [A.columns, start.columns];
  const value = (p: number, j: number) => {
    const signed = A.data[p * d + (j % d)]!;
    return Math.max(0, j < d ? signed : -signed);
  };
  const W = Array.from({ length: rank }, (_, k) =>
    Array.from({ length: 2 * d }, (__, j) => start.data[j * rank + k]! + 1e-3),
  );
  const U = Array.from({ length: A.rows }, () => new Array<number>(rank).fill(1));
  const rebuilt = (p: number, j: number) => U[p]!.reduce((sum, code, k) => sum + code * W[k]![j]!, 0);
  for (let step = 0; step < steps; step++) {
    const now = U.map((_, p) => W[0]!.map((__, j) => rebuilt(p, j)));
    U.forEach((row, p) => {
      for (let k = 0; k < rank; k++) row[k]! *= ratio(W[k]!, (j) => value(p, j), (j) => now[p]![j]!); // biome-ignore format: one update
    });
    const then = U.map((_, p) => W[0]!.map((__, j) => rebuilt(p, j)));
    W.forEach((row, k) => {
      const codes = U.map((own) => own[k]!);
      for (let j = 0; j < 2 * d; j++) row[j]! *= ratio(codes, (p) => value(p, j), (p) => then[p]![j]!); // biome-ignore format: one update
    });
  }
  const signed = ndArray(
    'r d',
    [rank, d],
    Float32Array.from(W.flatMap((row) => row.slice(0, d).map((up, j) => up - row[d + j]!))),
  );
  let [missing, all] = [0, 0];
  for (let p = 0; p < A.rows; p++) {
    const row = A.data.subarray(p * d, (p + 1) * d);
    const codes = slowCodes(row, signed);
    row.forEach((one, j) => {
      missing += (one - codes.reduce((sum, code, k) => sum + code * signed.data[k * d + j]!, 0)) ** 2;
      all += one ** 2;
    });
  }
  return Math.sqrt(missing / all);
}

function ratio(weights: readonly number[], wanted: (i: number) => number, found: (i: number) => number): number {
  const sum = (of: (i: number) => number) => weights.reduce((total, weight, i) => total + weight * of(i), 0);
  return sum(wanted) / (sum(found) + 1e-12);
}

function missed(A: Matrix, U: Matrix, V: Matrix): number {
  let [missing, all] = [0, 0];
  A.data.forEach((value, i) => {
    const [p, j] = [Math.floor(i / A.columns), i % A.columns];
    let rest = value;
    for (let k = 0; k < V.columns; k++) rest -= U.data[p * V.columns + k]! * V.data[j * V.columns + k]!;
    missing += rest ** 2;
    all += value ** 2;
  });
  return Math.sqrt(missing / all);
}

/** Non-negative codes of one row by cyclic descent until nothing moves. */
function slowCodes(row: Float32Array | Float64Array, { data, shape }: NdArray<'r d'>): readonly number[] {
  const [rank, d] = shape as [number, number]; // 'r d' has two sizes
  const codes = new Array<number>(rank).fill(0);
  const at = (k: number, j: number) => data[k * d + j]!;
  for (let moved = 1; moved > 1e-9; ) {
    moved = 0;
    for (let k = 0; k < rank; k++) {
      let [along, length] = [0, 0];
      for (let j = 0; j < d; j++) {
        const others = codes.reduce((sum, code, l) => sum + (l === k ? 0 : code * at(l, j)), 0);
        along += (row[j]! - others) * at(k, j);
        length += at(k, j) ** 2;
      }
      const code = length === 0 ? 0 : Math.max(0, along / length);
      moved = Math.max(moved, Math.abs(code - codes[k]!));
      codes[k] = code;
    }
  }
  return codes;
}
