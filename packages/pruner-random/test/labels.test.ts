import { describeLabels } from '@espalier/core/testing';
import { random } from '@espalier/pruner-random';

describeLabels(random, { bases: [{ sparsity: 0.5 }], values: { exclude: [['fc.weight']] } });
