import type { PathRule } from './path-rules.ts';

/** What a preset decides when the study does not. */
interface IgPreset {
  readonly rule: PathRule;
  readonly steps: number;
}

/**
 * `captum` is Captum's own default and agrees with `corrected`. Quantus 0.5.3 hands Captum a trapezoid of 10 points,
 * whatever its users ask for.
 */
export const igPresets = {
  corrected: { rule: 'gauss-legendre', steps: 50 },
  captum: { rule: 'gauss-legendre', steps: 50 },
  'quantus-0.5.3': { rule: 'captum-trapezoid', steps: 10 },
} as const satisfies Readonly<Record<string, IgPreset>>;

export type IgPresetName = keyof typeof igPresets;

export const igPresetNames = ['corrected', 'captum', 'quantus-0.5.3'] as const satisfies IgPresetName[];

interface Choices extends IgPreset {
  readonly preset: IgPresetName;
  readonly baseline: { readonly name: string };
  readonly tolerance: number | null;
  readonly reduction: string;
}

/**
 * The preset id that stands beside every number: the preset's name, followed by what was changed in it.
 *
 * `corrected` is every rule whose weights add up to 1, whatever its steps and baseline, which stand in the settings
 * beside it; Captum's trapezoid is then named after who uses it.
 */
export function presetLabel({ preset, rule, steps, baseline, tolerance, reduction }: Choices): string {
  if (preset === 'corrected') {
    if (rule !== 'captum-trapezoid') return 'corrected';
    return steps === 10 && baseline.name === 'mean' ? 'quantus-0.5.3' : 'captum-trapezoid';
  }
  const standard = igPresets[preset];
  const changes = [
    rule !== standard.rule && `rule=${rule}`,
    steps !== standard.steps && `steps=${steps}`,
    baseline.name !== 'mean' && `baseline=${baseline.name}`,
    tolerance !== null && `tolerance=${tolerance}`,
    reduction !== 'sum' && `reduction=${reduction}`,
  ].filter((change) => change !== false);
  return changes.length === 0 ? preset : `${preset} (${changes.join('; ')})`;
}
