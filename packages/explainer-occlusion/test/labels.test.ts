import { describeLabels } from '@espalier/core/testing';
import { plugins } from '@espalier/explainer-occlusion';

for (const plugin of plugins) describeLabels(plugin, { bases: [{ window: 0.5 }], values: { window: [0.25] } });
