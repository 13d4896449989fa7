import { describeLabels } from '@espalier/core/testing';
import { gradCam, gradCamPlusPlus, guidedGradCam } from '@espalier/explainer-cam';

// The toy model has one layer: naming it changes nothing.
const layer = ['features'];

describeLabels(gradCam, { values: { layer } });
describeLabels(gradCamPlusPlus, { values: { layer, epsilon: [0, 0.5] } });
describeLabels(guidedGradCam, { values: { layer } });
