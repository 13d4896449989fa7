import { describeLabels } from '@espalier/core/testing';
import { snip, synflow, taylor } from '@espalier/pruner-gradient';

describeLabels(snip, { bases: [{ sparsity: 0.5 }], values: { exclude: [['fc.weight']] } });
describeLabels(taylor, { bases: [{ sparsity: 0.5 }], values: { exclude: [['fc.weight']], batchSize: [1, 2] } });
describeLabels(synflow, { bases: [{ sparsity: 0.5 }], values: { exclude: [['fc.weight']], iterations: [1, 3] } });
