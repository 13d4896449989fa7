import { StudyError } from './errors.ts';
import type { MetricInputs, MetricNeed } from './metric.ts';

/**
 * One input of a metric.
 *
 * @param metric its name, for the error
 * @throws StudyError `study/invalid` when the study did not connect it.
 */
export function inputOf<Need extends MetricNeed>(
  inputs: Partial<MetricInputs>,
  need: Need,
  metric: string,
): MetricInputs[Need] {
  const input = inputs[need];
  if (input !== undefined) return input;
  const found = Object.keys(inputs).map((name) => `"${name}"`);
  throw new StudyError(
    'study/invalid',
    `The metric "${metric}" needs "${need}"; found ${found.join(', ') || 'nothing connected'}. Connect "${need}" in the node's "in".`,
  );
}
