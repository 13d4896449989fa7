import { type Level, percent } from '@espalier/analysis';
import type { Series } from '../charts/series.ts';
import { type PaperExplainer, type PaperLevel, paperLevels, paperRemoved } from '../paper.ts';
import { levelColour } from './level-colours.ts';

// Two names of one definition; a preset with changes names them in parentheses.
const countsFromFirstLevel = ['paper-2025', 'quantus-0.5.3'];

interface PaperLine {
  readonly name: string;
  readonly dash: readonly number[];
  readonly value: (level: PaperLevel) => number;
}

/**
 * The paper's values of a metric over its labels: none where it has none.
 *
 * AOPC comes as published and, for presets that count from the unmodified image, also recounted from its printed curves
 * with accuracy 1 at nothing removed, which is what this project's AOPC means.
 */
export function paperSeries(metric: string, preset: string, explainer: PaperExplainer | null): Series[] {
  return paperLines(metric, preset, explainer).map(({ name, dash, value }, i) => ({
    name,
    colour: 'var(--paper-line)',
    shape: i === 0 ? 'circle' : 'diamond',
    dash,
    points: paperLevels.map((level) => {
      const y = value(level);
      return { x: level.sparsity, y, low: y, high: y };
    }),
  }));
}

function paperLines(metric: string, preset: string, explainer: PaperExplainer | null): PaperLine[] {
  const published = { name: 'paper, published (by label)', dash: [5, 3] };
  if (metric === 'accuracy') return [{ ...published, value: (level) => level.accuracy }];
  if (explainer === null) return [];
  if (metric === 'sparseness') return [{ ...published, value: (level) => level.sparseness[explainer] }];
  if (metric !== 'road-aopc') return [];
  const printed = { ...published, value: (level: PaperLevel) => level.aopc[explainer] };
  const recounted = {
    name: 'paper, recounted from accuracy 1',
    dash: [1.5, 2.5],
    value: (level: PaperLevel) => level.aopcFromOne[explainer],
  };
  return countsFromFirstLevel.some((name) => preset === name || preset.startsWith(`${name} (`))
    ? [printed]
    : [printed, recounted];
}

/** The paper's ROAD curves, in the colours of the study's levels of the same label. `scale` is 100 for percent. */
export function paperCurves(explainer: PaperExplainer, levels: readonly Level[], scale: number): Series[] {
  return paperLevels.map(({ sparsity, curve }) => {
    const place = levels.find(({ nominal }) => nominal === sparsity);
    return {
      name: percent(sparsity),
      colour: place ? levelColour(place) : 'var(--paper-line)',
      shape: 'circle',
      dash: [5, 3],
      points: paperRemoved.map((at, i) => ({ x: at * scale, y: curve[explainer][i]!, low: 0, high: 0 })),
    };
  });
}
