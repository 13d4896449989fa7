import { integratedGradients } from './integrated-gradients.ts';

export { type BaselineOptions, type Baselines, baselinesFor } from './baselines.ts';
export { gaussLegendre, type Quadrature } from './gauss-legendre.ts';
export { integratedGradients } from './integrated-gradients.ts';
export { stopCodes } from './path-integral.ts';
export { type PathRule, pathRules, quadrature, type Refinement, refine } from './path-rules.ts';
export { igPresets } from './presets.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [integratedGradients] as const;
