import { describeLabels, type OptionTrials } from '@espalier/core/testing';
import { gradCam, gradCamPlusPlus, guidedGradCam } from '@espalier/explainer-cam';

// The toy model has one layer: naming it changes nothing.
const trials: OptionTrials<never> = { values: { layer: ['features'] } };

describeLabels(gradCam, trials);
describeLabels(gradCamPlusPlus, { ...trials, values: { ...trials.values, epsilon: [0, 0.5] } });
describeLabels(guidedGradCam, trials);
