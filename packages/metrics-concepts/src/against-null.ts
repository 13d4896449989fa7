import type { Measurement } from '@espalier/core';

/** Values of concepts, and of a null where one is connected, sample by sample. */
export interface Measured
  extends Pick<
    Measurement,
    | 'metric'
    | 'words'
    | 'settings'
    | 'direction'
    | 'range'
    | 'sample'
    | 'ids'
    | 'sharedFits'
    | 'omitted'
    | 'isFairAtBaseline'
  > {
  /** `primary` where it is not said. */
  readonly role?: Measurement['role'];
  readonly values: readonly number[];
  /** The same of concepts that nothing was learned for. */
  readonly nullValues?: readonly number[] | undefined;
}

/** What a score is held against. */
export interface Reference {
  /** In the name of the difference, `<metric>-minus-<name>`. */
  readonly name: string;
  /** For people, after `minus`. */
  readonly words: string;
  /** What it means that nothing is left. */
  readonly zero: string;
}

export const nullReference: Reference = {
  name: 'null',
  words: 'that of the null',
  zero: '0 where concepts are no better than those that nothing was learned for',
};

/**
 * The scores `<metric>` and, where a null is known, `<metric>-minus-null`: value - null, sample by sample. So the
 * distance from the null pairs across models as the value itself does, and the null's value is their difference.
 */
export function againstNull({ nullValues, values, role = 'primary', ...measured }: Measured): readonly Measurement[] {
  const scores: Measurement = { ...measured, role, aspect: 'concepts', values, summary: 'mean' };
  return nullValues ? [scores, difference(scores, nullValues, nullReference)] : [scores];
}

/** The score `<metric>-minus-<reference>`, a companion of the score itself. */
export function difference(scores: Measurement, values: readonly number[], reference: Reference): Measurement {
  const [least, most] = scores.range;
  const reach = least === null || most === null ? null : most - least;
  const { name, meaning, ...unit } = scores.words;
  return {
    ...scores,
    metric: `${scores.metric}-minus-${reference.name}`,
    words: {
      name: `${name}, minus ${reference.words}`,
      meaning: `${meaning} Less ${reference.words}: ${reference.zero}.`,
      ...unit,
    },
    role: 'companion',
    difference: { of: scores.metric, from: reference.words },
    range: reach === null ? [null, null] : [-reach, reach],
    values: scores.values.map((value, i) => value - values[i]!),
  };
}
