import { describeLabels } from '@espalier/core/testing';
import { plugins } from '@espalier/explainer-smoothgrad';

for (const plugin of plugins)
  describeLabels(plugin, { bases: [{ samples: 4 }], values: { samples: [5], imagesPerCall: [3] } });
