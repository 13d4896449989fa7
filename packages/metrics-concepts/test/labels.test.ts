import { describeLabels, type OptionTrials } from '@espalier/core/testing';
import { plugins } from '@espalier/metrics-concepts';

const trials: Readonly<Record<string, OptionTrials<never>>> = {
  coherence: { values: { layer: ['features'] } },
};

for (const plugin of plugins) describeLabels(plugin as never, trials[plugin.name]);
