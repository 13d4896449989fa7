import { givenInputs } from '../given-inputs.ts';
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

/** What a plugin declares and its port is held to. */
type HeldPlugin = Pick<Plugin, 'files' | 'inputs' | 'banks' | 'needsBanks'>;

type Holders = { readonly [K in Kind]: (port: unknown, by: string, plugin: HeldPlugin) => Ports[K] };

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
export function heldPort<K extends Kind>(kind: K, port: unknown, by: string, plugin: HeldPlugin): Ports[K] {
  return holders[kind](port, by, plugin);
}

function heldMetric(metric: unknown, by: string, plugin: HeldPlugin): Metric {
  promiseObject(metric, { by, what: 'the metric that it creates' }, ['measure']);
  const given = givenInputs(metric as unknown as Metric, plugin, by); // just seen
  return {
    async measure(measured, baseline) {
      const scores: unknown = await given.measure(measured, baseline);
      checkScores(scores, by, measured.attributions?.ids ?? measured.images?.ids);
      return scores;
    },
  };
}
