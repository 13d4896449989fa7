import { expect } from 'vitest';
import type { NdArray } from '../array.ts';
import { type ErrorCode, StudyError } from '../errors.ts';

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
  expect(worst, 'largest difference').toBeLessThan(1e-4 * scale);
}

export function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
