import {
  type Attributions,
  expectFinite,
  type MetricInputs,
  type MetricNeed,
  type Split,
  StudyError,
} from '@espalier/core';

/**
 * One input of a metric.
 *
 * @throws StudyError `study-invalid` when the study did not connect it.
 */
export function inputOf<Need extends MetricNeed>(
  inputs: Partial<MetricInputs>,
  need: Need,
  metric: string,
): MetricInputs[Need] {
  const input = inputs[need];
  if (input !== undefined) return input;
  throw new StudyError(
    'study-invalid',
    `The metric "${metric}" needs "${need}"; found ${listOf(Object.keys(inputs))}. Connect "${need}" in the node's "in".`,
  );
}

/**
 * Where each attributed sample is in `images`.
 *
 * @throws StudyError `study-invalid` when a sample is not there.
 */
export function placesOf({ ids }: Pick<Attributions, 'ids'>, images: Split, metric: string): readonly number[] {
  const places = new Map(images.ids.map((id, index) => [id, index]));
  return ids.map((id) => {
    const place = places.get(id);
    if (place !== undefined) return place;
    throw new StudyError(
      'study-invalid',
      `The metric "${metric}" needs the images that were explained; the split "${images.name}" has no "${id}". ` +
        'Connect the same split to the explainer and to the metric.',
    );
  });
}

/**
 * Checks one attribution map.
 *
 * @throws StudyError `values-not-finite`, naming the sample.
 */
export function expectFiniteMap(map: Float32Array, id: string, { method }: Pick<Attributions, 'method'>): void {
  expectFinite(map, `the attribution map of "${id}" by "${method}"`);
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? 'nothing connected' : names.map((name) => `"${name}"`).join(', ');
}
