import { describeLabels } from '@espalier/core/testing';
import { magnitude } from '@espalier/pruner-magnitude';

describeLabels(magnitude, { bases: [{ sparsity: 0.5 }], values: { exclude: [['fc.weight']] } });
