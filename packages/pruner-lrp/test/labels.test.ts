import { describeLabels } from '@espalier/core/testing';
import { prune } from '@espalier/pruner-lrp';

describeLabels(prune, { bases: [{ sparsity: 0.5 }], values: { exclude: [['fc.weight']], batchSize: [1, 2] } });
