import { StudyError } from './errors.ts';
import type { Metric } from './metric.ts';
import type { MetricInputs, MetricNeed } from './metric-inputs.ts';

/** `metric`, which refuses to measure without what its plugin declares. @throws StudyError `core/input-missing`, from `measure` */
export function givenInputs(metric: Metric, needs: readonly MetricNeed[], by: string): Metric {
  return {
    async measure(inputs, baseline) {
      expectInputs(inputs, needs, `The metric "${by}" needs`);
      if (baseline) expectInputs(baseline, needs, `At the baseline, the metric "${by}" needs`);
      return metric.measure(inputs, baseline);
    },
  };
}

function expectInputs(inputs: Partial<MetricInputs>, needs: readonly MetricNeed[], who: string): void {
  const missing = needs.find((need) => inputs[need] === undefined);
  if (missing === undefined) return;
  const found = Object.keys(inputs).map((name) => `"${name}"`);
  throw new StudyError(
    'core/input-missing',
    `${who} "${missing}"; found ${found.join(', ') || 'nothing'}. Hand it over: in a study, connect it in the node's "in".`,
  );
}
