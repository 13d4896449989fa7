import type { Measurement } from '@espalier/core';

/** The fields of a score that is one number of a whole network. */
export function ofNetwork(
  metric: string,
  value: number,
): Pick<Measurement, 'metric' | 'aspect' | 'range' | 'sample' | 'ids' | 'values' | 'summary'> {
  return {
    metric,
    aspect: 'cost',
    range: [0, null],
    sample: 'network',
    ids: ['network'],
    values: [value],
    summary: 'last',
  };
}
