import { mean } from '../means.ts';

export interface EffectSizes {
  /**
   * Cohen's d_z: mean difference over the standard deviation of the differences. Null where they are all equal, or
   * fewer than two.
   */
  readonly standardised: number | null;
  /** Share of samples with a positive difference. */
  readonly higher: number;
  /** Share of samples with a negative difference. */
  readonly lower: number;
  /** `higher` - `lower`, in [-1, 1]: no outlier moves it (Cliff 1993, within pairs). */
  readonly dominance: number;
}

/** How large the difference is beside its spread, and on how many samples it points which way. */
export function effectSizes(differences: readonly number[]): EffectSizes {
  const n = differences.length;
  const middle = mean(differences);
  const squares = differences.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  const deviation = Math.sqrt(squares / (n - 1));
  const [higher, lower] = [1, -1].map(
    (sign) => differences.filter((value) => sign * value > 0).length / Math.max(1, n),
  );
  // deviations of equal values are rounding errors
  const flat = n < 2 || differences.every((value) => value === differences[0]);
  return {
    standardised: flat ? null : middle / deviation,
    higher: higher!,
    lower: lower!,
    dominance: higher! - lower!,
  };
}
