import { describeLabels } from '@espalier/core/testing';
import { plugins } from '@espalier/metrics-complexity';

for (const plugin of plugins) describeLabels(plugin, plugin.name === 'entropy' ? {} : { values: { threshold: [0.6] } });
