import {
  createFrom,
  labelled,
  type Measurement,
  plainServices,
  type ReportInputs,
  randomStream,
  type Scores,
} from '@espalier/core';
import { toyLabel } from '@espalier/core/testing';
import { report } from '@espalier/report';
import { beforeAll, describe, expect, test } from 'vitest';
import { entry, fixtureInputs } from './study-fixture.ts';

const words = { name: 'Energy', meaning: 'Sum of the squares of a map.', unit: 'J' };

/** Scores of a metric that nobody here has heard of: one with a curve, of every map, and a share of every class. */
function scoresOf(
  images: ReportInputs['images'],
  { sparsity, explainer }: { sparsity: number; explainer: string },
): Scores[] {
  const values = images.ids.map((id) => 1 + sparsity + 0.1 * randomStream(1, id, sparsity, explainer).normal());
  const common = { direction: 'lower-is-better', range: [null, null], summary: 'mean' } as const;
  const energy: Measurement = {
    ...{ ...common, metric: 'map-energy', words, aspect: 'power of the maps', role: 'primary' },
    ...{ sample: 'image', ids: images.ids, values },
    curve: {
      ...{ x: 'seconds', y: 'joules', at: [0, 2] },
      values: {
        ...{ axes: 'n s', shape: [values.length, 2] },
        data: Float32Array.from(values.flatMap((value) => [0, value])),
      },
    },
  };
  const share: Measurement = {
    ...{ ...common, metric: 'class-share', aspect: 'power of the maps', role: 'primary', sample: 'class' },
    ...{ words: { name: 'Share of classes', meaning: 'As it says.', unit: '%' } },
    ids: Array.from({ length: 12 }, (_, i) => `class ${i}`),
    values: Array.from({ length: 12 }, (_, i) => 0.5 + 0.2 * sparsity + 0.001 * i * sparsity),
  };
  const pace: Measurement = {
    ...{ ...common, metric: 'pace', aspect: 'pace', role: 'primary', sample: 'class', isTiming: true },
    ...{ words: { name: 'Pace', meaning: 'Of the clock.', unit: 'maps/s' }, ids: share.ids },
    values: share.values.map((value) => 2000 + 1000 * sparsity + value),
  };
  const label = { ...toyLabel('energy', { attributions: toyLabel('Method Of Mine') }), preset: 'mine' };
  return [energy, share, pace].map((score) => labelled(score, label));
}

describe('a metric of an explainer, both from outside', () => {
  const files = new Map<string, string>();
  const section = (id: string) =>
    files
      .get('report.html')!
      .match(new RegExp(`<section id="${id}"[\\s\\S]*?</section>`))![0]
      .replaceAll('\u202f', ' ');

  beforeAll(async () => {
    const inputs = fixtureInputs({ size: 16, imagesPerClass: 5, levels: [0, 0.5] });
    const scores = inputs.models.map(({ origin }) => {
      const labels = { ...origin.labels, explainer: 'mine/method' };
      const sparsity = Number(origin.labels.sparsity);
      return entry('energy', 'mine/energy', labels, () => scoresOf(inputs.images, { sparsity, explainer: 'mine' }));
    });
    const reporter = await createFrom(report, { galleryImages: 0 }, plainServices());
    const written = await reporter.write({ ...inputs, scores, attributions: [], concepts: [] });
    for (const [name, bytes] of written) files.set(name, new TextDecoder().decode(bytes));
  });

  test('has rows under its own aspect, in its own words', () => {
    expect(section('numbers')).toContain('<h3>Power of the maps</h3>');
    expect(section('numbers')).toMatch(
      />Energy<\/span> <code class="preset">mine<\/code><span class="sub">Method Of Mine, n 15/,
    );
    expect(section('numbers')).toMatch(
      />Share of classes<\/span>[^\n]*n 12 classes<\/span><\/th><td class="number">50\.0 %/,
    );
  });

  test('has charts over sparsity and of its curve, with its words on their axes', () => {
    expect(section('figures')).toContain('aria-label="Energy over sparsity, Method Of Mine. this study: 1.');
    expect(section('figures')).toContain('>Energy, J</text>');
    expect(section('figures')).toContain(
      'Sum of the squares of a map. Lower is better. Points are means over 15 images.',
    );
    expect(section('figures')).toContain(
      'aria-label="Share of classes over sparsity, Method Of Mine. this study: 50.0 %',
    );
    expect(section('curves')).toContain('aria-label="joules over seconds.');
  });

  test('is shown as what it is where a clock says it, and nothing is claimed of it', () => {
    expect(section('numbers')).toMatch(
      />Pace<\/span>[^\n]*another run gives other numbers<\/span><\/th><td class="number">2,001</,
    );
    for (const words of [section('claims'), section('answer'), files.get('claims.csv')])
      expect(words).not.toMatch(/pace/i);
    const { scores, levels } = JSON.parse(files.get('results.json')!);
    const timings = [...scores, ...levels].filter(({ isTiming }) => isTiming);
    expect(new Set(timings.map(({ metric }) => metric))).toEqual(new Set(['pace']));
    expect(timings).toHaveLength(4);
  });

  test('has claims and sentences, on the page and in Markdown', () => {
    expect(section('claims')).toContain('Power of the maps: 2 claims');
    const sentence = /Energy \(Method Of Mine\)(?:<\/strong>|\*\*) is higher by /;
    expect(section('answer')).toMatch(sentence);
    expect(section('answer')).toContain('<h3>Power of the maps</h3>');
    expect(section('answer')).toMatch(/<a class="effect high-\d different" href="#claim-map-energy/);
    expect(section('answer')).toMatch(/aria-label="Energy \(Method Of Mine\): 50.%: \+[\d.]+ J \(.*\), different"/);
    expect(files.get('answer.md')).toMatch(sentence);
    expect(files.get('answer.md')).toContain('| Energy (Method Of Mine) | 50');
    expect(files.get('claims.csv')).toContain('power of the maps,map-energy,mine,mine/method');
  });
});
