import { describeLabels } from '@espalier/core/testing';
import { plugins } from '@espalier/metrics-similarity';

for (const plugin of plugins) describeLabels(plugin, { values: { layers: [['features']], batch: [8] } });
