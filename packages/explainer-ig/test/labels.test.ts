import { describeLabels } from '@espalier/core/testing';
import { integratedGradients } from '@espalier/explainer-ig';

describeLabels(integratedGradients, {
  bases: [{}, { steps: 2, tolerance: 1e-4 }],
  values: { maxSteps: [4, 8], steps: [3], tolerance: [1e-3] },
});
