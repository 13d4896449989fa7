import { type Attributions, expectFinite, type Split, StudyError } from '@espalier/core';

/** Where each attributed sample is in `images`. @throws StudyError `core/inputs-mismatch` when one is not there */
export function placesOf({ ids }: Pick<Attributions, 'ids'>, images: Split, metric: string): readonly number[] {
  const places = new Map(images.ids.map((id, index) => [id, index]));
  return ids.map((id) => {
    const place = places.get(id);
    if (place !== undefined) return place;
    throw new StudyError(
      'core/inputs-mismatch',
      `The metric "${metric}" needs the images that were explained; the split "${images.name}" has no "${id}". ` +
        'Connect the same split to the explainer and to the metric.',
    );
  });
}

/** Checks one attribution map. @throws StudyError `core/values-not-finite`, naming the sample */
export function expectFiniteMap(map: Float32Array, id: string, { method }: Pick<Attributions, 'method'>): void {
  expectFinite(map, `the attribution map of "${id}" by "${method}"`);
}
