import type { Scores } from '@espalier/core';

/** Values of concepts, and of a null where one is connected, sample by sample. */
export interface Measured
  extends Pick<
    Scores,
    'metric' | 'preset' | 'role' | 'settings' | 'direction' | 'range' | 'sample' | 'ids' | 'omitted'
  > {
  readonly values: readonly number[];
  /** The same of concepts that nothing was learned for. */
  readonly nullValues?: readonly number[] | undefined;
}

/**
 * The scores `<metric>` and, where a null is known, `<metric>-minus-<of>`: value - null, sample by sample. So the
 * distance from the null pairs across models as the value itself does, and the null's value is their difference.
 *
 * @param of what the null is: `null` for concepts that nothing was learned for
 */
export function againstNull({ nullValues, values, ...measured }: Measured, of = 'null'): readonly Scores[] {
  const scores: Scores = { ...measured, aspect: 'concepts', values, summary: 'mean' };
  return nullValues ? [scores, difference(scores, nullValues, of)] : [scores];
}

/** The score `<metric>-minus-<of>`, a companion of the score itself. */
export function difference(scores: Scores, nullValues: readonly number[], of: string): Scores {
  const [least, most] = scores.range;
  const reach = least === null || most === null ? null : most - least;
  return {
    ...scores,
    metric: `${scores.metric}-minus-${of}`,
    role: 'companion',
    range: reach === null ? [null, null] : [-reach, reach],
    values: scores.values.map((value, i) => value - nullValues[i]!),
  };
}
