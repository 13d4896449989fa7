import type { PathRule } from './path-rules.ts';

/**
 * `captum` is Captum's own default and agrees with `corrected`. Quantus 0.5.3 hands Captum a trapezoid of 10 points,
 * whatever its users ask for.
 */
export const igPresets = {
  corrected: { rule: 'gauss-legendre', steps: 50 },
  captum: { rule: 'gauss-legendre', steps: 50 },
  'quantus-0.5.3': { rule: 'captum-trapezoid', steps: 10 },
} as const satisfies Readonly<Record<string, { rule: PathRule; steps: number }>>;

export const igPresetNames = ['corrected', 'captum', 'quantus-0.5.3'] as const satisfies (keyof typeof igPresets)[];
