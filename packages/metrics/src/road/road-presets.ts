import type { AreaRule } from './area-over-curve.ts';
import type { RoadOptions } from './road-options.ts';

/** A named set of ROAD's choices. */
export interface RoadPreset {
  /** Percent of the pixels removed at each level. */
  readonly percentages: readonly number[];
  /** Space in which the noise has its standard deviation: pixels in [0, 1], or normalised as the model sees them. */
  readonly noiseSpace: 'pixel' | 'normalised';
  readonly area: AreaRule;
}

/** Quantus 0.5.3 adds its noise to normalised pixels. It takes no area, and its levels are its caller's. */
export const roadPresets = {
  corrected: { percentages: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90], noiseSpace: 'pixel', area: 'unmodified' },
  'quantus-0.5.3': {
    percentages: [1, 11, 21, 31, 41, 51, 61, 71, 81, 91],
    noiseSpace: 'normalised',
    area: 'first-level',
  },
} as const satisfies Readonly<Record<string, RoadPreset>>;

/** Whose ROAD. */
export type RoadPresetName = keyof typeof roadPresets;

/** Why the levels do not start where the preset measures from; undefined where they do. */
export function startProblem({ preset, percentages }: Pick<RoadOptions, 'preset' | 'percentages'>): string | undefined {
  if (roadPresets[preset].area !== 'unmodified' || percentages === undefined || percentages[0] === 0) return undefined;
  return (
    `ROAD's preset "${preset}" measures from the unmodified image, so its percentages start with 0; ` +
    `found ${percentages.join(', ')}. Add 0, or take the preset "quantus-0.5.3".`
  );
}
