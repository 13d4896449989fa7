import { percent } from '../text/numbers.ts';
import { compareLabels } from './axes.ts';

/** Where something stands on the sparsity axis, and whether its label is true. */
export interface LevelPlace {
  readonly nominal: number | null;
  readonly counted: number | null;
  readonly labelHolds: boolean;
  readonly isMatched: boolean;
}

/** `70 %`, or what was counted and what was asked for where they disagree. */
export function levelName({ counted, nominal, labelHolds, isMatched }: LevelPlace): string {
  if (isMatched && counted !== null && nominal !== null) return `${percent(counted)} (beside ${percent(nominal)})`;
  if (counted === null) return nominal === null ? 'no sparsity' : `${percent(nominal)} (label)`;
  if (nominal === null || labelHolds) return percent(counted);
  return `${percent(counted)} (labelled ${percent(nominal)})`;
}

/** Where something stands on a sparsity axis: beside the level it is matched to, else at what was counted or asked for. */
export function levelPosition({ counted, nominal, isMatched }: Omit<LevelPlace, 'labelHolds'>): number | null {
  return isMatched ? nominal : (counted ?? nominal);
}

/** A sparsity level of the study, with its place among the others. */
export interface Level {
  readonly key: string;
  readonly name: string;
  readonly index: number;
  readonly nominal: number | null;
}

/** The distinct levels of models and results, sparsest last. A level is what was asked for, else what was counted. */
export function levelsOf(...places: readonly LevelPlace[]): Level[] {
  const distinct = new Map<string, LevelPlace>();
  for (const place of places) {
    const key = levelKey(place);
    if (!distinct.has(key)) distinct.set(key, place);
  }
  return [...distinct.entries()]
    .sort(([, a], [, b]) => compareLabels(levelPosition(a) ?? undefined, levelPosition(b) ?? undefined))
    .map(([key, place], index) => ({ key, index, nominal: place.nominal, name: levelName(place) }));
}

/** What makes two results belong to one level. */
export function levelKey({ nominal, counted }: Pick<LevelPlace, 'nominal' | 'counted'>): string {
  if (nominal !== null) return String(nominal);
  return counted === null ? 'none' : `counted ${counted.toFixed(4)}`;
}
