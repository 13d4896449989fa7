import type { Noise } from './noisy-copies.ts';

/** `captum` is what its NoiseTunnel does when nothing is said: noise as large as the images are, in 5 copies. */
export const noisePresets = {
  corrected: { sigma: 0.15, unit: 'image-range', samples: 50 },
  captum: { sigma: 1, unit: 'normalised', samples: 5 },
} as const satisfies Readonly<Record<string, Pick<Noise, 'sigma' | 'unit' | 'samples'>>>;
