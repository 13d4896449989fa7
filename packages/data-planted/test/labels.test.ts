import { describeLabels } from '@espalier/core/testing';
import { planted } from '@espalier/data-planted';

describeLabels(planted, { bases: [{ size: 16, trainPerClass: 4, valPerClass: 2 }], values: { size: [20], seed: [1] } });
