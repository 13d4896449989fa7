import { describeLabels } from '@espalier/core/testing';
import { nm } from '@espalier/pruner-nm';

describeLabels(nm, {
  bases: [{ kept: 2, group: 3 }],
  values: { exclude: [['fc.weight']], kept: [1], group: [5] },
});
