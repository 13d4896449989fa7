import type { Metric } from '../metric.ts';
import type { Kind, Plugin, Ports } from '../plugin.ts';
import { heldExtractor } from './banks.ts';
import { heldExplainer } from './explanations.ts';
import { heldReporter } from './files.ts';
import { heldFactory } from './held-model.ts';
import { heldPruner } from './masks.ts';
import { promiseObject } from './promise.ts';
import { checkScores } from './scores.ts';
import { heldDataset } from './splits.ts';

type Holders = { readonly [K in Kind]: (port: unknown, by: string, plugin: Pick<Plugin, 'files'>) => Ports[K] };

const holders: Holders = {
  dataset: heldDataset,
  model: heldFactory,
  pruner: heldPruner,
  explainer: heldExplainer,
  concepts: heldExtractor,
  metric: heldMetric,
  reporter: (port, by, { files }) => heldReporter(port, by, files),
};

/**
 * What a plugin created, held to the promises of its port: every result is checked before anybody sees it.
 *
 * @param by the plugin, as the study names it
 * @throws StudyError `core/plugin-invalid`, here and from every method: which plugin, what it promised, what came
 */
export function heldPort<K extends Kind>(kind: K, port: unknown, by: string, plugin: Pick<Plugin, 'files'>): Ports[K] {
  return holders[kind](port, by, plugin);
}

function heldMetric(metric: unknown, by: string): Metric {
  promiseObject(metric, { by, what: 'the metric that it creates' }, ['measure']);
  const { measure } = metric as unknown as Metric; // just seen
  return {
    async measure(inputs, baseline) {
      const scores: unknown = await measure.call(metric, inputs, baseline);
      checkScores(scores, by, inputs.attributions?.ids ?? inputs.images?.ids);
      return scores;
    },
  };
}
