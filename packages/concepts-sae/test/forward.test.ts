import { readFileSync } from 'node:fs';
import type { Matrix } from '@espalier/concept-activations';
import {
  type Autoencoder,
  above,
  batchThreshold,
  beforeActivation,
  decoded,
  dense,
  lossAndSlopes,
  topK,
} from '@espalier/concepts-sae';
import { randomStream } from '@espalier/core';
import { describe, expect, test } from 'vitest';

type Listed = 'encoder' | 'encoderBias' | 'decoder' | 'bias' | 'x' | 'before' | 'codes' | 'decoded' | 'batchCodes';

// Made by tools/reference/sae.py with overcomplete 0.3.0.
const known: Readonly<Record<Listed | 'thresholds' | 'evaluated', readonly number[]>> &
  Readonly<Record<'latents' | 'features' | 'rows' | 'k', number>> = JSON.parse(
  readFileSync(new URL('fixtures/reference.json', import.meta.url), 'utf8'),
);

const { latents, features, k } = known;
const matrix = (values: readonly number[], columns: number): Matrix => ({
  rows: values.length / columns,
  columns,
  data: Float64Array.from(values),
});
const model: Autoencoder = {
  encoder: matrix(known.encoder, features),
  encoderBias: Float64Array.from(known.encoderBias),
  decoder: matrix(known.decoder, features),
  bias: Float64Array.from(known.bias),
};
const x = matrix(known.x, features);

describe('with the weights of overcomplete', () => {
  const before = beforeActivation(model, x);

  test('latents before the activation, the k largest of each row, and what they rebuild', () => {
    const codes = topK(before, k);
    expectClose(before.data, known.before);
    expectClose(dense(codes, latents).data, known.codes);
    expectClose(decoded(model, codes).data, known.decoded);
  });

  test('the largest of a batch, and the running threshold that stands for them afterwards', () => {
    const first = batchThreshold(before, k);
    expect(first).toBeCloseTo(known.thresholds[0]!, 10);
    expectClose(dense(above(before, first), latents).data, known.batchCodes);
    const half = { ...x, data: x.data.map((value) => value / 2) };
    const second = 0.9 * first + 0.1 * batchThreshold(beforeActivation(model, half), k);
    expect(second).toBeCloseTo(known.thresholds[1]!, 10);
    expectClose(dense(above(before, second), latents).data, known.evaluated);
  });
});

test('at most so many latents stay as are positive, and of equal ones those that come first', () => {
  const before = matrix([1, 3, 3, 3, -1, 0, -2, 0], 4);
  expect([...dense(topK(before, 2), 4).data]).toEqual([0, 3, 3, 0, 0, 0, 0, 0]);
  expect([...dense(topK(before, 4), 4).data]).toEqual([1, 3, 3, 3, 0, 0, 0, 0]);
  expect([...dense(topK(before, 1, Uint8Array.of(1, 0, 0, 0)), 4).data]).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
  expect(batchThreshold(before, 1)).toBe(3);
  expect(batchThreshold(before, 4)).toBe(1);
  expect(batchThreshold(matrix([-1, 0], 2), 1)).toBe(0);
  expect(above(matrix([-1, 0], 2), 0).latents).toHaveLength(0);
});

describe('slopes of the loss', () => {
  // What stays is held still, as it is within a step that changes the order of no two latents.
  const chosen = topK(beforeActivation(model, x), k);
  const dead = topK(
    beforeActivation(model, x),
    2,
    Uint8Array.from({ length: latents }, (_, i) => i % 2),
  );
  const parts = ['encoder', 'encoderBias', 'decoder', 'bias'] as const;

  test.each(parts)('along the %s are finite differences', (part) => {
    const { slopes } = lossAndSlopes(model, x, chosen);
    const stream = randomStream(3, 'slopes', part);
    for (let trial = 0; trial < 8; trial++) {
      const at = Math.floor(stream.uniform() * valuesOf(model, part).length);
      const along = (h: number) => lossOf(changed(part, at, h));
      expect(valuesOf(slopes, part)[at]).toBeCloseTo((along(1e-5) - along(-1e-5)) / 2e-5, 7);
    }
  });

  test.each(parts)('of dead latents, too, against what the others leave: along the %s', (part) => {
    const weight = 0.3;
    const own = lossAndSlopes(model, x, chosen);
    const both = lossAndSlopes(model, x, chosen, { codes: dead, weight });
    const left = decoded(model, chosen).data.map((value, i) => x.data[i]! - value);
    const lossOfDead = (of: Autoencoder) => {
      const missed = decoded({ ...of, bias: new Float64Array(features) }, again(of, dead)).data;
      return (weight * missed.reduce((sum, value, i) => sum + (value - left[i]!) ** 2, 0)) / left.length;
    };
    expect(both.loss - own.loss).toBeCloseTo(lossOfDead(model), 12);
    for (let at = 0; at < valuesOf(model, part).length; at += 5) {
      const difference = (lossOfDead(changed(part, at, 1e-5)) - lossOfDead(changed(part, at, -1e-5))) / 2e-5;
      expect(valuesOf(both.slopes, part)[at]! - valuesOf(own.slopes, part)[at]!).toBeCloseTo(difference, 7);
    }
  });

  function lossOf(of: Autoencoder): number {
    const found = decoded(of, again(of, chosen)).data;
    return found.reduce((sum, value, i) => sum + (value - x.data[i]!) ** 2, 0) / x.data.length;
  }
});

/** The same latents with the values that another model gives them. */
function again(of: Autoencoder, { starts, latents: kept }: ReturnType<typeof topK>) {
  const before = beforeActivation(of, x);
  const rowOf = (i: number) => starts.findIndex((start) => start > i) - 1;
  return {
    starts,
    latents: kept,
    values: Float64Array.from(kept, (latent, i) => before.data[rowOf(i) * latents + latent]!),
  };
}

function valuesOf(of: Autoencoder, part: keyof Autoencoder): Float64Array {
  const values = of[part];
  return values instanceof Float64Array ? values : values.data;
}

function changed(part: keyof Autoencoder, at: number, by: number): Autoencoder {
  const values = valuesOf(model, part).slice();
  values[at]! += by;
  const old = model[part];
  return { ...model, [part]: old instanceof Float64Array ? values : { ...old, data: values } };
}

function expectClose(found: ArrayLike<number>, expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(found[i]).toBeCloseTo(value, 9);
  });
}
