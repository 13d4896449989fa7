import { describeLabels } from '@espalier/core/testing';
import { plugins } from '@espalier/metrics-perturbation';

for (const plugin of plugins) describeLabels(plugin, { values: { steps: [5], blur: [0.1], segments: [4, 9] } });
