import type { BankForm, ConceptBank } from './concept-extractor.ts';
import { StudyError } from './errors.ts';
import type { Metric } from './metric.ts';
import { type MetricInputs, type MetricNeed, metricInputs } from './metric-inputs.ts';
import { bankMisfit } from './planning/bank-findings.ts';

/** What the plugin of a metric declares that it must be handed. */
interface MetricNeeds {
  readonly inputs?: readonly MetricNeed[];
  readonly needsBanks?: Partial<BankForm>;
}

/**
 * `metric`, which refuses to measure without what its plugin declares.
 * @throws StudyError `core/input-missing`, `core/inputs-mismatch` of banks that have not the form that it needs, both from `measure`
 */
export function givenInputs(metric: Metric, { inputs: needs = [], needsBanks = {} }: MetricNeeds, by: string): Metric {
  return {
    async measure(inputs, baseline) {
      expectInputs(inputs, needs, `The metric "${by}" needs`);
      if (baseline) expectInputs(baseline, needs, `At the baseline, the metric "${by}" needs`);
      for (const given of baseline ? [inputs, baseline] : [inputs]) expectBanks(given, needsBanks, by);
      return metric.measure(inputs, baseline);
    },
  };
}

function expectBanks(inputs: Partial<MetricInputs>, needed: Partial<BankForm>, by: string): void {
  for (const [port, { artifact }] of Object.entries(metricInputs)) {
    if (artifact !== 'concepts') continue;
    const banks = (inputs[port as MetricNeed] ?? []) as readonly ConceptBank[]; // of this artifact
    const problem = banks.flatMap(({ form }) => bankMisfit(needed, form, { port, use: `The metric "${by}"` }) ?? [])[0];
    if (problem !== undefined) throw new StudyError('core/inputs-mismatch', problem);
  }
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
