import { deconvnet, guidedBackprop } from './plugins.ts';

export { deconvnet, guidedBackprop };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [guidedBackprop, deconvnet] as const;
