import { expect } from 'vitest';
import { type NdArray, sizeOf } from '../array.ts';
import { type ErrorCode, StudyError } from '../errors.ts';
import type { Model } from '../networks/model.ts';
import { heldModel } from '../promises/held-model.ts';

export async function inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item, i: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const [i, item] of items.entries()) results.push(await work(item, i));
  return results;
}

export async function expectRefusal(code: ErrorCode, work: () => Promise<unknown>): Promise<void> {
  const error = await work().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(StudyError.is(error) ? error.code : error, `refusal with ${code}`).toBe(code);
}

/** To float32 rounding of sums that may be ordered by batch size. */
export function expectClose(found: NdArray, expected: NdArray): void {
  expect(found.shape).toEqual(expected.shape);
  const scale = norm(expected.data) / Math.sqrt(expected.data.length);
  const worst = found.data.reduce((most, value, i) => Math.max(most, Math.abs(value - expected.data[i]!)), 0);
  expect(worst, 'largest difference').toBeLessThanOrEqual(1e-4 * scale); // of zeros, none
}

/**
 * The change of `at` per step is `slope`, to three in a hundred.
 *
 * A long step may flip a relu on its way, a short one drowns in rounding: some step must show it.
 */
export async function expectSlope(at: (step: number) => Promise<number>, slope: number, what: string): Promise<void> {
  let closest = Number.POSITIVE_INFINITY;
  for (const step of [1e-2, 2e-3, 5e-4, 1e-4]) {
    const found = ((await at(step)) - (await at(-step))) / (2 * step);
    closest = Math.min(closest, Math.abs(found / slope - 1));
    if (closest < 0.03) return;
  }
  expect(closest, `relative error of the slope of ${what}`).toBeLessThan(0.03);
}

/** The mean of -log softmax(logits)[label] over images. */
export function meanCrossEntropy({ data, shape }: NdArray, labels: readonly number[]): number {
  const classes = shape[1]!;
  const losses = labels.map((label, n) => {
    const row = Array.from(data.subarray(n * classes, (n + 1) * classes));
    const most = Math.max(...row);
    return most + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - most), 0)) - row[label]!;
  });
  return losses.reduce((a, b) => a + b, 0) / labels.length;
}

/** The slopes of the mean cross-entropy at the logits. */
export function lossSlopes({ axes, data, shape }: NdArray<'n k'>, labels: readonly number[]): NdArray<'n k'> {
  const classes = shape[1]!;
  const slopes = labels.flatMap((label, n) => {
    const row = Array.from(data.subarray(n * classes, (n + 1) * classes));
    const most = Math.max(...row);
    const sum = row.reduce((total, logit) => total + Math.exp(logit - most), 0);
    return row.map((logit, k) => (Math.exp(logit - most) / sum - Number(k === label)) / labels.length);
  });
  return { axes, shape, data: Float32Array.from(slopes) };
}

export function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/** What a model multiplies and adds for one image. */
export function productsOf(model: Model): number {
  const { perWeight, ofValues } = model.multiplyAccumulates();
  const sizes = model.parameters.map(({ name, shape }) => sizeOf(shape) * (perWeight.get(name) ?? 0));
  return sizes.reduce((sum, products) => sum + products, ofValues);
}

/** How many numbers all parameters have. */
export function valuesIn({ parameters }: Pick<Model, 'parameters'>): number {
  return parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** The model, held to what its port promises of every result, as a run holds it. */
export function held(model: Model): Model {
  return heldModel(model, 'the model', model);
}
