import { expectFinite, type Model, ndArray, rows } from '@espalier/core';
import { probability } from '@espalier/numerics';
import type { Explained } from './each-image.ts';

/** The probability of the explained class for changed versions of one image, row-major `h w c` each. */
export async function probabilitiesOf(
  model: Model,
  versions: readonly Float32Array[],
  { classIndex, id }: Pick<Explained, 'classIndex' | 'id'>,
): Promise<Float64Array> {
  const { height, width, channels } = model.input;
  const batch = ndArray('n h w c', [versions.length, height, width, channels]);
  versions.forEach((version, n) => {
    batch.data.set(version, n * version.length);
  });
  const logits = await model.predict(batch);
  expectFinite(logits.data, `the logits of "${id}" with pixels replaced`);
  return Float64Array.from(versions, (_, n) => probability(rows(logits, n, n + 1).data, classIndex));
}
