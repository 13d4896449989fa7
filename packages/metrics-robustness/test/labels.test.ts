import { describeLabels } from '@espalier/core/testing';
import { plugins } from '@espalier/metrics-robustness';

for (const plugin of plugins)
  describeLabels(
    plugin,
    plugin.name === 'infidelity'
      ? { bases: [{ samples: 4 }], untriable: { reads: 'the toy maps say what they are numbers of' } }
      : {},
  );
