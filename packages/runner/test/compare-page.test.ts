import type { RecordedClaim, Results } from '@espalier/analysis';
import { expect, test } from 'vitest';
import { madeClaim, madeLevel, madeResults } from '../../analysis/test/made-results.ts';
import { comparisonOf } from '../src/command-line/compare/comparison.ts';
import { comparisonPage } from '../src/command-line/compare/page.ts';
import { summaryLines } from '../src/command-line/compare/summary.ts';
import { valueTexts } from '../src/command-line/compare/words.ts';
import type { ComparedRun } from '../src/runs/compared-run.ts';
import { settingsOf } from '../src/runs/settings.ts';

async function side(name: string, changes: Partial<Results> = {}): Promise<ComparedRun> {
  const results = madeResults(changes);
  const settings = await settingsOf(results, null, name);
  return { name, run: null, results, settings, digest: name.padEnd(64, '0') };
}

const unescaped = (page: string) => page.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');

test('the page has every setting that differs, and loads and runs nothing', async () => {
  const a = await side('a', { params: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`p${i}`, i])) });
  const b = await side('b', { params: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`p${i}`, `v${i}`])) });
  const comparison = comparisonOf(a, b);
  const page = comparisonPage(comparison);
  expect(comparison.settings).toHaveLength(60);
  for (const { name, b: value } of comparison.settings) {
    expect(page).toContain(`<code>${name}</code>`);
    expect(unescaped(page)).toContain(`<code>${JSON.stringify(value)}</code>`);
  }
  expect(page).not.toMatch(/<script|<link|<img|src=|href="?http|@import|url\(/);
  expect(page).toContain('default-src &#39;none&#39;');
  const lines = summaryLines(comparison);
  expect(lines.filter((line) => line.startsWith('  parameter'))).toHaveLength(12);
  expect(lines).toContain('  and 48 settings more: on the page, and in --json');
});

test('nothing of foreign results becomes markup or hides what is read', async () => {
  const evil = '<img src=x onerror=alert(1)>"\'&\u202e';
  const claim = madeClaim({ name: evil, labels: evil, why: evil, imageSet: evil, preset: evil, arm: evil });
  const level = madeLevel(0.5, 1, { name: evil, variant: evil, definition: evil, explainer: evil });
  const curve = { x: evil, y: evil, at: [0, 1], mean: [0, 1], half: [null, 0.1] };
  const changes: Partial<Results> = {
    params: { [evil]: evil },
    explainers: { [evil]: evil },
    claims: { claims: [claim, madeClaim({ against: { kind: 'control', arm: evil } })] },
    levels: [level, { ...level, metric: 'b', curve }],
  };
  const other = { ...changes, params: {}, claims: { claims: [{ ...claim, verdict: 'inconclusive' as const }] } };
  const page = comparisonPage(comparisonOf(await side(evil, changes), await side('b', other)));
  expect(page).not.toContain('<img');
  expect(page).not.toContain('\u202e');
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\ufffd');
});

test('verdicts that differ stand with both estimates, their intervals, and what they are not', async () => {
  const lower: Partial<RecordedClaim> = {
    verdict: 'inconclusive',
    difference: 0.08,
    interval: [-0.01, 0.17],
    why: 'its interval holds zero',
  };
  const claims = [madeClaim({ explainer: 'own/maps' })];
  const a = await side('a', { claims: { claims }, explainers: { 'own/maps': 'Own Maps' } });
  const b = await side('b', { claims: { claims: [madeClaim({ ...claims[0], ...lower, margin: 0.02 })] } });
  const comparison = comparisonOf(a, b);
  expect(summaryLines(comparison).slice(3)).toMatchInlineSnapshot(`
    [
      "No setting differs; 1 of 1 claim that both have comes to another verdict.",
      "",
      "verdicts that differ:",
      "  Steadiness, Own Maps, 50 %, against dense",
      "    A  different, higher  +0.100 (+0.050 to +0.150)",
      "    B  inconclusive  +0.080 (−0.010 to +0.170)",
      "",
      "A difference between two verdicts is not itself a tested difference: one estimate may be just significant and a nearly equal one just not (Gelman and Stern 2006). Hold the estimates with their intervals beside each other. No interval of the difference between the runs is given: runs may share images, seeds and networks, and are then not independent.",
    ]
  `);
  const page = comparisonPage(comparison);
  for (const text of ['Steadiness, Own Maps', 'different, higher', '+0.100 (+0.050 to +0.150)', 'inconclusive'])
    expect(page).toContain(text);
  expect(page).toContain('+0.080 (−0.010 to +0.170)');
  expect(page).toContain('its interval holds zero');
  expect(page).toContain('margin: A none, B ±0.02');
  expect(page).toContain('is not itself a tested difference');
  expect(page).toContain('aria-label="A +0.100 (+0.050 to +0.150); B +0.080 (−0.010 to +0.170)"');
});

test('curves of both share axes: A solid with circles, B dashed with squares, levels that one lacks among them', async () => {
  const levels = (shift: number, ...places: number[]) => places.map((place) => madeLevel(place, place + shift));
  const a = await side('a', { levels: levels(0, 0, 0.5, 0.8) });
  const b = await side('b', { levels: levels(1, 0, 0.3) });
  const page = comparisonPage(comparisonOf(a, b));
  const chart = /<svg class="chart".*?<\/svg>/s.exec(page)![0];
  expect(chart.match(/<circle class="mark a"/g)).toHaveLength(3);
  expect(chart.match(/<rect class="mark b"/g)).toHaveLength(2);
  expect(chart).toContain(
    'aria-label="Steadiness, pruned. A 0.000 at 0\u202f%, 0.800 at 80\u202f%; B 1.000 at 0\u202f%, 1.300 at 30\u202f%.',
  );
  expect(page).toMatch(/\.line\.b\{stroke-dasharray/);
  const at = (mark: string) => [...chart.matchAll(new RegExp(`${mark}="([\\d.]+)"`, 'g'))].map(([, x]) => Number(x));
  const [zero, , last] = at('cx');
  const squares = [...chart.matchAll(/<rect class="mark b" x="([\d.]+)"/g)].map(([, x]) => Number(x) + 3.5);
  expect(squares[0]).toBeCloseTo(zero!, 1);
  expect((squares[1]! - zero!) / (last! - zero!)).toBeCloseTo(0.3 / 0.8, 2);
  expect(page).toContain(
    '<th scope="row">pruned</th><td class="number">30\u202f%</td><td class="number">\u2013</td><td class="number">1.300 \u00b1 0.100</td>',
  );
});

test('a point without an interval is drawn without a band, and one value alone on a scale', async () => {
  const a = await side('a', { levels: [madeLevel(0.5, 0, { half: null })] });
  const page = comparisonPage(comparisonOf(a, await side('b')));
  expect(page).not.toContain('<path class="band');
  expect(page).toContain('pruned, only A');
  expect(page).not.toMatch(/NaN|Infinity|undefined/);
});

test('values are cut so that what differs is seen', () => {
  const long = 'x'.repeat(200);
  expect(valueTexts(1, undefined)).toEqual(['1', 'not set']);
  const [first, second] = valueTexts(`${long}a`, `${long}b`, 40);
  expect(first).not.toBe(second);
  expect([first, second].map((text) => text.length <= 41)).toEqual([true, true]);
  expect(first.startsWith('\u2026')).toBe(true);
});

test('the same results are said to be the same; runs without a common claim have none that differs', async () => {
  const a = await side('a');
  expect(summaryLines(comparisonOf(a, a))[3]).toBe('Both have the same results, to the byte.');
  const b = await side('b', { claims: { claims: [madeClaim({ metric: 'other' })] } });
  const comparison = comparisonOf(a, b);
  expect(summaryLines(comparison)[3]).toBe(
    'No setting differs; the runs have no claim in common; 2 claims only one of them has.',
  );
  expect(comparisonPage(comparison)).toContain('The runs have no claim in common.');
});
