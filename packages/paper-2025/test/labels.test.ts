import { describeLabels } from '@espalier/core/testing';
import { prune } from '@espalier/paper-2025';

describeLabels(prune, { bases: [{ sparsity: 0.5 }] });
