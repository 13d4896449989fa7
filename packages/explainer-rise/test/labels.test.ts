import { describeLabels } from '@espalier/core/testing';
import { plugins } from '@espalier/explainer-rise';

for (const plugin of plugins)
  describeLabels(plugin, { bases: [{ masks: 6, grid: 3 }], values: { masks: [7], grid: [4] } });
