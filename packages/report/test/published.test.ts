import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFrom, plainServices, StudyError } from '@espalier/core';
import { afterAll, describe, expect, test } from 'vitest';
import { publishedCurves, publishedLines } from '../src/page/parts/published-lines.ts';
import { readPublished } from '../src/published/read-published.ts';
import { report } from '../src/report.ts';

const fixtures = new URL('fixtures', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'espalier-published-'));
afterAll(() => rmSync(folder, { recursive: true }));

const doe = readPublished('./published.json', fixtures);

describe('published lines stand beside results', () => {
  const vg = { metric: 'road-aopc', preset: 'corrected', explainer: 'Vanilla Gradients' };
  const names = (of: object) => publishedLines([doe], { ...vg, ...of }).map(({ name }) => name);
  const printed = 'Doe 2024, published (by label)';
  const recounted = 'Doe 2024, recounted (by label)';

  test('of their metric and explainer, under whatever label it stands', () => {
    expect(names({})).toEqual([printed, recounted]);
    expect(names({ explainer: 'Vanilla Gradients (fine)' })).toEqual([printed, recounted]);
    expect(names({ explainer: 'Vanilla Gradients Squared' })).toEqual([]);
    expect(names({ explainer: null })).toEqual([]);
    expect(names({ metric: 'road-probability-aopc' })).toEqual([]);
    expect(names({ metric: 'accuracy', explainer: null })).toEqual([printed]);
  });

  test('of their presets only, changed or not', () => {
    expect(names({ preset: 'corrected (noise=0)' })).toEqual([printed, recounted]);
    expect(names({ preset: 'corrected of quantus-0.5.3 attributions' })).toEqual([printed, recounted]);
    expect(names({ preset: 'other of corrected attributions' })).toEqual([printed]);
    expect(names({ preset: 'other' })).toEqual([printed]);
  });

  test('with their points and their curves', () => {
    expect(publishedLines([doe], vg)[0]?.points[1]).toEqual({ x: 0.5, y: 0.4, low: 0.4, high: 0.4 });
    expect(publishedLines([doe], vg)[0]?.levelText(0.5)).toBe('50\u202f% (label)');
    const [panel] = publishedCurves([doe], vg, []);
    expect(panel?.series.map(({ name, points }) => [name, points.map(({ x, y }) => [x, y])])).toEqual([
      [
        '0\u202f%',
        [
          [1, 0.9],
          [11, 0.5],
        ],
      ],
      [
        '50\u202f%',
        [
          [1, 0.8],
          [11, 0.4],
        ],
      ],
    ]);
  });
});

describe('files of published values', () => {
  const asked = (published: string[]) => report.options.parse({ published });
  const findings = (name: string) => report.check?.(asked([name]), { folder });

  test.each([
    ['./none.json', undefined, /^Expected .*none\.json/s],
    ['./text.json', 'hello', /text\.json is not JSON/],
    ['./other.json', '{ "name": "Doe" }', /other\.json does not hold published values .*→ at title/s],
    [
      '@nobody/publishes',
      undefined,
      /^Expected "@nobody\/publishes" to be a file of published values that an installed package exports; found none/,
    ],
  ])('%s is told by the plan', (name, content, text) => {
    if (content !== undefined) writeFileSync(join(folder, name), content);
    expect(findings(name)).toEqual([{ path: ['published', 0], text: expect.stringMatching(text) }]);
  });

  test('a curve has a value for each of its positions', () => {
    const file = JSON.parse(readFileSync(join(fixtures, 'published.json'), 'utf8'));
    file.curves[0].levels[1].values.pop();
    writeFileSync(join(folder, 'short.json'), JSON.stringify(file));
    expect(() => readPublished('./short.json', folder)).toThrow(
      /one value for each position in `at`\s+→ at curves\[0\]\.levels/,
    );
  });

  test('the report is another one where their numbers are others', async () => {
    const digest = async (content: string) => {
      writeFileSync(join(folder, 'digest.json'), content);
      return report.fingerprint?.(asked(['./digest.json']), plainServices({ folder }));
    };
    const text = readFileSync(join(fixtures, 'published.json'), 'utf8');
    expect(await digest(JSON.stringify(JSON.parse(text)))).toBe(await digest(text));
    expect(await digest(text.replace('0.41', '0.42'))).not.toBe(await digest(text));
  });

  test('a report is not begun without them', async () => {
    const created = createFrom(report, { published: ['./none.json'] }, plainServices({ folder }));
    await expect(created).rejects.toSatisfy((error) => StudyError.is(error) && error.code === 'core/data-missing');
  });
});
