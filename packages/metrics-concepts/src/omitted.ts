import type { Measurement } from '@espalier/core';

/** The field `omitted` of scores, without groups that are empty. */
export function omitted(groups: NonNullable<Measurement['omitted']>): Pick<Measurement, 'omitted'> {
  const some = groups.filter(({ ids }) => ids.length > 0);
  return some.length > 0 ? { omitted: some } : {};
}
