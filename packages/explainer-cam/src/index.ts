import { gradCam } from './grad-cam.ts';
import { gradCamPlusPlus } from './grad-cam-plus-plus.ts';
import { guidedGradCam } from './guided-grad-cam.ts';

export { gradCam, gradCamPlusPlus, guidedGradCam };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [gradCam, gradCamPlusPlus, guidedGradCam] as const;
