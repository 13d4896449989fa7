import { colourAt, viridis } from '../gallery/colour-maps.ts';
import { compareLabels } from '../results/axes.ts';
import type { ModelRecord } from '../results/models.ts';
import { type LevelResult, levelPosition } from '../results/over-seeds.ts';
import { type LevelPlace, levelName } from './names.ts';

/** A sparsity level of the study, with its place among the others. */
export interface Level {
  readonly key: string;
  readonly name: string;
  readonly index: number;
  readonly nominal: number | null;
}

/** The distinct levels of models and results, sparsest last. A level is what was asked for, else what was counted. */
export function levelsOf(models: readonly ModelRecord[], results: readonly LevelResult[]): Level[] {
  const places = new Map<string, LevelPlace>();
  for (const place of [...models, ...results]) {
    const key = levelKey(place);
    if (!places.has(key)) places.set(key, place);
  }
  return [...places.entries()]
    .sort(([, a], [, b]) => compareLabels(levelPosition(a) ?? undefined, levelPosition(b) ?? undefined))
    .map(([key, place], index) => ({ key, index, nominal: place.nominal, name: levelName(place) }));
}

/** What makes two results belong to one level. */
export function levelKey({ nominal, counted }: Pick<LevelPlace, 'nominal' | 'counted'>): string {
  if (nominal !== null) return String(nominal);
  return counted === null ? 'none' : `counted ${counted.toFixed(4)}`;
}

/** The CSS variable that holds a level's colour. */
export function levelColour(level: Level): string {
  return `var(--level-${level.index})`;
}

/** CSS declarations of the levels' colours: dark to bright on white, bright enough on black. */
export function levelVariables(count: number, theme: 'light' | 'dark'): string {
  const [from, to] = theme === 'light' ? [0, 0.8] : [0.25, 1];
  return Array.from({ length: count }, (_, i) => {
    const position = count === 1 ? from : from + ((to - from) * i) / (count - 1);
    return `--level-${i}:${colourAt(viridis, position)};`;
  }).join('');
}
