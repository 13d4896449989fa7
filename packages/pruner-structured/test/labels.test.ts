import { describeLabels } from '@espalier/core/testing';
import { l1, relevance, taylor } from '@espalier/pruner-structured';

const values = { exclude: [['fc.weight']], least: [1, 4], multipleOf: [1, 5] };
describeLabels(l1, { bases: [{ sparsity: 0.5 }], values });
describeLabels(taylor, { bases: [{ sparsity: 0.5 }], values: { ...values, batchSize: [1, 2] } });
describeLabels(relevance, { bases: [{ sparsity: 0.5 }], values: { ...values, batchSize: [1, 2] } });
