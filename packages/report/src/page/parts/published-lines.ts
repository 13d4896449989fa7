import { type Level, percent } from '@espalier/analysis';
import { type Html, html, link } from '@espalier/html';
import type { Series } from '../../charts/series.ts';
import type { PublishedValues } from '../../published/published-values.ts';
import { levelColour } from './level-colours.ts';

/** What published values must be of to stand beside a result. */
export interface PublishedOf {
  readonly metric: string;
  readonly preset: string;
  /** The explainer as the page calls it; null where nothing was explained. */
  readonly explainer: string | null;
}

const greyDashes = [
  [5, 3],
  [1.5, 2.5],
] as const;

/** A line of published values, and what a table says of it. */
export interface PublishedLine extends Series {
  readonly publication: string;
  /** `10 % (label)` */
  readonly levelText: (level: number) => string;
}

/** The published values of a metric over their levels; none where nobody published any. */
export function publishedLines(published: readonly PublishedValues[], of: PublishedOf): PublishedLine[] {
  const found = published.flatMap((publication) =>
    publication.series.filter((series) => isOf(series, of)).map((series) => ({ publication, series })),
  );
  return found.map(({ publication, series }, i) => ({
    name: `${publication.name}, ${series.as}${byLabel(publication)}`,
    publication: publication.name,
    levelText: (level) => `${percent(level)}${publication.levels === 'nominal' ? ' (label)' : ''}`,
    colour: 'var(--published-line)',
    shape: i === 0 ? 'circle' : 'diamond',
    dash: greyDashes[Math.min(i, 1)]!,
    points: series.points.map(([x, y]) => ({ x, y, low: y, high: y })),
  }));
}

/** The published curves of a metric, those of one publication in a panel: in the colours of the study's levels of the same label. */
export function publishedCurves(
  published: readonly PublishedValues[],
  of: PublishedOf,
  levels: readonly Level[],
): { readonly title: string; readonly series: readonly Series[] }[] {
  return published.flatMap((publication) =>
    publication.curves
      .filter((curves) => isOf(curves, of))
      .map((curves) => ({
        title: `${publication.name}, published${byLabel(publication)}`,
        series: curves.levels.map(({ level, values }): Series => {
          const place = levels.find(({ nominal }) => nominal === level);
          return {
            name: percent(level),
            colour: place ? levelColour(place) : 'var(--published-line)',
            shape: 'circle',
            dash: [5, 3],
            points: curves.at.map((x, i) => ({ x, y: values[i]!, low: values[i]!, high: values[i]! })),
          };
        }),
      })),
  );
}

/** Whose the dashed lines are, and what to know before comparing. */
export function publishedNote(published: readonly PublishedValues[]): Html[] {
  return published.map(
    ({ title, url, source, note }) =>
      html`<p class="aside">Dashed lines with hollow marks are the published values of ${link(url, title)} (${source}). ${note}</p>`,
  );
}

const byLabel = ({ levels }: PublishedValues) => (levels === 'nominal' ? ' (by label)' : '');

interface Scope {
  readonly metric: string;
  readonly explainer?: string | undefined;
  readonly presets?: readonly string[] | undefined;
}

/** A preset's changes and an explainer's label stand in parentheses behind their names; what a score was computed from follows `of`. */
function isOf({ metric, explainer, presets }: Scope, of: PublishedOf): boolean {
  const is = (name: string, shown: string) =>
    [' (', ' of '].some((end) => `${shown}${end}`.startsWith(`${name}${end}`));
  return (
    metric === of.metric &&
    (explainer === undefined || (of.explainer !== null && is(explainer, of.explainer))) &&
    (presets === undefined || presets.some((preset) => is(preset, of.preset)))
  );
}
