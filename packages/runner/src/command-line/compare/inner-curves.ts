import { type MeasurePairing, percent, type RecordedLevel, significant } from '@espalier/analysis';
import { type Html, html } from '@espalier/html';
import { type DrawnLine, domainOf, lineChart } from './drawing.ts';

type Arm = MeasurePairing['arms'][number];
type Curve = NonNullable<RecordedLevel['curve']>;

interface CurvePanel {
  readonly title: string;
  readonly words: Pick<Curve, 'x' | 'y'>;
  readonly lines: readonly DrawnLine[];
}

// A measure of four arms at twelve levels.
const mostPanels = 48;

/** The curves behind the values of a measure, one panel for each arm and level; null where it has none. */
export function innerCurves(title: string, arms: readonly Arm[]): Html | null {
  const panels = arms.flatMap(panelsOf).slice(0, mostPanels);
  if (panels.length === 0) return null;
  const points = panels.flatMap(({ lines }) => lines.flatMap((line) => line.points));
  const x = domainOf(
    points.map((point) => point.x),
    0,
  );
  const y = domainOf(points.flatMap(({ y: at, half }) => [at - (half ?? 0), at + (half ?? 0)]));
  const drawn = panels.map(({ title: panel, words, lines }) => {
    const ends = lines.map(
      ({ side, points: own }) => `${side.toUpperCase()} ${significant(own[0]!.y)} to ${significant(own.at(-1)!.y)}`,
    );
    const chart = lineChart({
      label: `${title}, ${panel}: ${words.y} over ${words.x}. ${ends.join('; ')}`,
      lines,
      x: { title: words.x, domain: x, format: (tick) => significant(tick) },
      y: { title: words.y, domain: y, format: (tick) => significant(tick) },
      marks: false,
    });
    return html`<div class="panel"><h4>${panel}</h4>${chart}</div>`;
  });
  const { words } = panels[0]!;
  return html`<details class="data"><summary>Curves behind the values</summary><p class="aside">${words.y} over ${words.x}; bands are 95\u202f% intervals of each position by itself.</p><div class="panels">${drawn}</div></details>`;
}

function panelsOf({ a, b }: Arm): CurvePanel[] {
  const levels = [...(a?.levels ?? []), ...(b?.levels ?? [])];
  const keys = [...new Set(levels.map(keyOf))];
  return keys.flatMap((key) => {
    const found = (
      [
        ['a', a],
        ['b', b],
      ] as const
    ).flatMap(([side, series]) => {
      const level = series?.levels.find((one) => keyOf(one) === key);
      return level?.curve ? [{ side, level, curve: level.curve }] : [];
    });
    const [first] = found;
    if (!first) return [];
    const place = first.level.sparsity;
    const lines = found.map(({ side, curve }) => ({
      side,
      points: curve.at.map((x, i) => ({ x, y: curve.mean[i]!, half: curve.half[i]! })),
    }));
    const title = [(a ?? b)!.variant, percent(place.nominal ?? place.position ?? 0)].filter(Boolean).join(', ');
    return [{ title, words: first.curve, lines }];
  });
}

/** Levels are the same where they were asked for as the same. */
function keyOf({ sparsity: { nominal, position } }: RecordedLevel): string {
  return String(nominal ?? position);
}
