import type { ScoreSeries } from '@espalier/analysis';
import { group } from 'd3-array';
import type { PageData } from './page-data.ts';

/** Series of what the study asks about, and by variant those of its controls, which pages fold away. */
export function controlsApart<Series extends ScoreSeries>(
  { treatment }: Pick<PageData, 'treatment'>,
  series: readonly Series[],
): { readonly own: readonly Series[]; readonly controls: ReadonlyMap<string, readonly Series[]> } {
  const isControl = ({ levels }: Series) =>
    treatment !== null && levels[0]!.arm !== null && String(levels[0]!.arm) !== treatment;
  return {
    own: series.filter((one) => !isControl(one)),
    controls: group(series.filter(isControl), ({ levels }) => levels[0]!.variant),
  };
}
