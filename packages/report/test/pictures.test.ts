import {
  type Answer,
  type Claim,
  type ClaimOptions,
  differenceText,
  intervalText,
  type Measure,
  makeClaims,
  type ScoredSamples,
  wordAnswer,
} from '@espalier/analysis';
import { randomStream } from '@espalier/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forestPlot } from '../src/page/parts/forest-plot.ts';
import { heatMap } from '../src/page/parts/heat-map.ts';
import { scored } from './scored-fixture.ts';

const options: ClaimOptions = {
  ...{ treatment: 'magnitude', control: 'trained-on', endpoints: [], margins: { one: 2 }, bars: {}, imageSet: 'all' },
  ...{ resamples: 199, seed: 1 },
};

/** Studies that reach every verdict: equal models, small and large effects, one seed or three, with and without controls. */
const studies = fc.record({
  seed: fc.integer({ min: 0, max: 1e6 }),
  seeds: fc.constantFrom([0], [0, 1, 2]),
  effects: fc.array(fc.constantFrom(-3, -0.5, 0, 0.5, 3), { minLength: 4, maxLength: 4 }),
  isEqual: fc.boolean(),
  arms: fc.constantFrom([null], ['magnitude', 'trained-on'], ['magnitude', 'trained-on', 'random']),
});
type Drawn = typeof studies extends fc.Arbitrary<infer T> ? T : never;

function studyOf({ seed, seeds, effects, isEqual, arms }: Drawn): ScoredSamples[] {
  return ['one', 'other'].flatMap((metric, m) =>
    arms.flatMap((arm, a) =>
      [0, 0.3, 0.7].flatMap((level, l) =>
        seeds.map((own) => {
          const stream = randomStream(seed, metric, level === 0 ? '' : (arm ?? ''), level, own);
          const effect = level === 0 ? 0 : effects[(m + a + l) % 4]!;
          const values = Array.from({ length: 20 }, (_, i) => (isEqual ? i : effect + stream.normal()));
          return scored(level, {
            instance: `${metric}[${arm},${level},${own}]`,
            node: metric,
            metric,
            arm,
            seed: own,
            values,
          });
        }),
      ),
    ),
  );
}

interface Pictures {
  readonly answer: Answer;
  readonly claims: ReadonlyMap<string, Claim>;
  readonly measures: readonly Measure[];
}

function picturesOf(drawn: Drawn): Pictures {
  const made = makeClaims(studyOf(drawn), options);
  const answer = wordAnswer(made, new Map())!;
  const measures = answer.measures.filter(({ main }) => main !== null);
  return { answer, measures, claims: new Map(made.claims.map((claim) => [claim.id, claim])) };
}

/** What a claim says in a picture's words. */
function saidOf({ question, comparison, interval }: Claim): string {
  const range = interval ? ` (${intervalText(question, interval)})` : '';
  return `${differenceText(question, comparison.difference, interval)}${range}`;
}

test('the map of effects says of each claim its verdict, its sign and its interval', () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(studies, (drawn) => {
      const { answer, measures, claims } = picturesOf(drawn);
      const html = heatMap(answer, measures)!.text;
      const cells = [...html.matchAll(/<a class="effect (\S+) (\S+)" href="#([^"]+)" title="([^"]*)">([^<]*)</g)];
      const asked = measures.flatMap(({ main }) => [...(main!.trend ? [main!.trend] : []), ...main!.levels]);
      expect(cells.map(([, , , id]) => id).sort()).toEqual(asked.map(({ id }) => id).sort());
      for (const [, shade, verdict, id, title, text] of cells) {
        const claim = claims.get(id!)!;
        reached.add(claim.verdict);
        expect([verdict, title]).toEqual([claim.verdict, `${saidOf(claim)}: ${claim.verdict}`]);
        const effect = claim.comparison.standardised;
        const way = shade === 'even' ? 0 : shade!.startsWith('high') ? 1 : -1;
        expect(way).toBe(effect === null || Math.abs(effect) < 0.2 ? 0 : Math.sign(effect));
        if (effect !== null) expect(Number(text!.replace('\u2212', '-'))).toBeCloseTo(effect, 1);
      }
    }),
    { seed: 5, numRuns: 30 },
  );
  expect([...reached].sort()).toEqual(['different', 'equivalent', 'inconclusive']);
});

test('the plot of intervals draws each claim where its interval is, hollow where it is inconclusive', () => {
  fc.assert(
    fc.property(studies, (drawn) => {
      const { answer, measures } = picturesOf(drawn);
      const rows = forestPlot(answer, measures, []).text.split('<li>').slice(1);
      expect(rows.length).toBe(measures.length);
      for (const [i, row] of rows.entries()) {
        const { main } = measures[i]!;
        const label = /aria-label="([^"]*)"/.exec(row)![1]!;
        for (const claim of main!.levels) expect(label).toContain(`: ${saidOf(claim)}, ${claim.verdict}`);
        const claims = [...(main!.trend ? [main!.trend] : []), ...main!.levels];
        expectDrawn(row, claims);
      }
    }),
    { seed: 6, numRuns: 30 },
  );
});

/** Lines and marks of the study's own question; those of controls are smaller and grey. */
function expectDrawn(row: string, claims: readonly Claim[]): void {
  const zero = Number(/class="zero" d="M([\d.]+)/.exec(row)![1]);
  const band = /class="margin" x="([\d.]+)" width="([\d.]+)"/.exec(row);
  const own = row.replaceAll(/<path d="M[^"]*" stroke="var\(--rule-strong\)"\/>/g, '');
  const lines = [...own.matchAll(/<path d="M([\d.]+) [\d.]+H([\d.]+)"/g)].map(([, from, to]) => [
    Number(from),
    Number(to),
  ]);
  expect(lines.length).toBe(claims.filter(({ interval }) => interval).length);
  const marks = [
    ...own.matchAll(/<(?:circle cx="[\d.]+" cy="[\d.]+" r="3"|path d="M[\d.]+ [\d.]+l[^"]*") fill="([^"]+)"/g),
  ];
  expect(marks.map(([, fill]) => fill === 'var(--paper)')).toEqual(
    claims.map(({ verdict }) => verdict === 'inconclusive'),
  );
  const rounding = 0.1;
  for (const [i, { interval, verdict }] of claims.filter((claim) => claim.interval).entries()) {
    const [from, to] = lines[i]!;
    expect(from! <= to!).toBe(true);
    if (interval![0] > 0) expect(from!).toBeGreaterThanOrEqual(zero - rounding);
    if (interval![1] < 0) expect(to!).toBeLessThanOrEqual(zero + rounding);
    if (verdict !== 'equivalent') continue;
    const [start, width] = [Number(band![1]), Number(band![2])];
    expect(from! >= start - rounding && to! <= start + width + rounding).toBe(true);
  }
}
