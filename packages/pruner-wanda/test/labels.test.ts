import { describeLabels } from '@espalier/core/testing';
import { nm, wanda } from '@espalier/pruner-wanda';

const values = { exclude: [['fc.weight']] };
describeLabels(wanda, { bases: [{ sparsity: 0.5 }], values });
describeLabels(nm, { bases: [{ kept: 2, group: 3 }], values: { ...values, kept: [1], group: [5] } });
