import { type Attributions, expectFinite } from '@espalier/core';

/** Checks one attribution map. @throws StudyError `core/values-not-finite`, naming the sample */
export function expectFiniteMap(map: Float32Array, id: string, { method }: Pick<Attributions, 'method'>): void {
  expectFinite(map, `the attribution map of "${id}" by "${method}"`);
}
