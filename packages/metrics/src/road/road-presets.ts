/**
 * What ROAD's presets decide: percent of the pixels removed at each level, the space of the noise, the origin of the area, and the orders
 * of removal. Quantus 0.5.3 adds its noise to normalised pixels and removes the most relevant first alone. It takes no area, and its
 * levels are its caller's.
 */
export const roadPresets = {
  corrected: {
    percentages: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90],
    noiseSpace: 'pixel',
    origin: 'unmodified',
    orders: 'all',
  },
  'quantus-0.5.3': {
    percentages: [1, 11, 21, 31, 41, 51, 61, 71, 81, 91],
    noiseSpace: 'normalised',
    origin: 'first-level',
    orders: 'morf',
  },
} satisfies Readonly<Record<string, RoadChoices>>;

interface RoadChoices {
  readonly percentages: number[];
  readonly noiseSpace: 'pixel' | 'normalised';
  readonly origin: 'unmodified' | 'first-level';
  readonly orders: 'morf' | 'both' | 'all';
}

/** Whose ROAD. */
export type RoadPresetName = keyof typeof roadPresets;
