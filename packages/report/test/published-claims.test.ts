import { type ClaimOptions, foundPhrases, judgePublished, makeClaims, plainText, testText } from '@espalier/analysis';
import { createFrom, plainServices } from '@espalier/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { publishedValues } from '../src/published/published-values.ts';
import { publishedClaims, readPublished } from '../src/published/read-published.ts';
import { report } from '../src/report.ts';
import { scored } from './scored-fixture.ts';
import { fixtureInputs } from './study-fixture.ts';

const fixtures = new URL('fixtures', import.meta.url).pathname;
const doe = readPublished('./published.json', fixtures);

const options: ClaimOptions = {
  ...{ treatment: 'magnitude', control: 'trained-on', endpoints: [], margins: { m: 0.1 }, bars: {}, imageSet: 'all' },
  ...{ resamples: 199, seed: 1 },
};

/** Models of two networks: pruning raises one to 0.5 at 50 % and to 0.7 at 70 %, as training on does; the other stays. */
const claims = makeClaims(
  ['first', 'second'].flatMap((network) =>
    ['magnitude', 'trained-on'].flatMap((arm) =>
      [0, 0.5, 0.7].map((level) => {
        const rest = `network=${network}`;
        const same = { instance: `${network} ${arm} ${level}`, arm, rest };
        const of = scored(network === 'first' ? level : 0);
        return {
          ...of,
          ...same,
          level,
          considered: level,
          values: of.values.map((value, i) => value + (i % 2 === 0 ? 0.01 : -0.01) * level),
        };
      }),
    ),
  ),
  options,
).claims;

function judged(test: object): ReturnType<typeof judgePublished>[number] {
  const claim = { text: 'So it is.', stands: 'abstract', test: { metric: 'm', ...test } };
  const file = publishedValues.parse({ ...doe, claims: [claim] });
  return judgePublished(publishedClaims([file]), claims, new Map())[0]!;
}

describe('a published claim goes by the verdicts of the study', () => {
  const [first, second] = ['first', 'second'].map((network) => ({ labels: { network } }));

  test.each([
    [{ ...first, says: 'higher' }, 'supported', 'contradicted'],
    [{ ...first, says: 'lower' }, 'contradicted', 'contradicted'],
    [{ ...first, says: 'not-higher' }, 'contradicted', 'supported'],
    [{ ...first, says: 'not-lower' }, 'supported', 'supported'],
    [{ ...second, says: 'unchanged' }, 'supported', 'supported'],
    [{ ...second, says: 'higher', of: 'some' }, 'contradicted', 'contradicted'],
    [{ ...first, says: 'higher', levels: [0.6, 0.9] }, 'supported', 'contradicted'],
  ])('%j', (asked, asPublished, besideControl) => {
    const { asPublished: own, besideControl: beside } = judged(asked);
    expect([own.outcome, beside?.outcome, beside?.control]).toEqual([asPublished, besideControl, 'trained-on']);
  });

  test.each([
    [{ metric: 'other' }],
    [{ labels: { network: 'third' } }],
    [{ explainer: 'Edges' }],
    [{ arm: 'random' }],
    [{ levels: [0.1, 0.4] }],
  ])('%j is not measured', (asked) => {
    const { asPublished, besideControl } = judged({ says: 'higher', ...asked });
    expect([asPublished.outcome, besideControl]).toEqual(['not measured', null]);
  });

  test('one that was held against the control is judged against it alone', () => {
    const { asPublished, besideControl } = judged({ says: 'unchanged', against: 'trained-on' });
    expect([asPublished.outcome, asPublished.asked.length, besideControl]).toEqual(['supported', 2, null]);
  });

  test.each([
    ['equivalent', 'all', 'mixed'],
    ['equivalent', 'some', 'supported'],
    ['inconclusive', 'all', 'partly supported'],
    ['inconclusive', 'some', 'supported'],
  ] as const)('where 50 %% is %s, of %s it is %s', (verdict, of, outcome) => {
    const file = publishedValues.parse({
      ...doe,
      claims: [{ text: 'So it is.', stands: 'abstract', test: { ...first, metric: 'm', says: 'higher', of } }],
    });
    const found = claims.map((claim) => (claim.question.level === 0.5 ? { ...claim, verdict } : claim));
    expect(judgePublished(publishedClaims([file]), found, new Map())[0]?.asPublished.outcome).toBe(outcome);
  });

  test('of several networks it is judged by each', () => {
    const claim = { text: 'So it is.', stands: 'abstract', test: { metric: 'm', says: 'higher' } };
    const file = publishedValues.parse({ ...doe, claims: [claim] });
    const found = judgePublished(publishedClaims([file]), claims, new Map());
    expect(found.map(({ where, asPublished }) => [where, asPublished.outcome])).toEqual([
      ['network=first', 'supported'],
      ['network=second', 'contradicted'],
    ]);
    expect(testText(found[0]!)).toBe('m (network: first) is higher than dense');
  });

  test('is told in words, with the largest claim that decides', () => {
    const one = judged({ ...first, says: 'higher', levels: [0.4, 0.8], of: 'some' });
    expect(testText(one).replaceAll('\u202f', ' ')).toBe(
      'm (first) is higher than dense from 40 % to 80 %, at one level at least',
    );
    expect(plainText(foundPhrases(one.asPublished)).replaceAll('\u202f', ' ')).toMatch(
      /^supported: 2 of 2 for it, 0 against; most of all \+0\.\d+ \(.*\) at 70 %$/,
    );
  });
});

test('a claim says what would show it, or why nothing would', () => {
  const parse = (claim: object) => () =>
    publishedValues.parse({ ...doe, claims: [{ text: 'a', stands: 'b', ...claim }] });
  expect(parse({})).toThrow('Expected either a `test` or `why` there is none');
  expect(parse({ why: 'no', test: { metric: 'm', says: 'higher' } })).toThrow('Expected either');
  expect(parse({ test: { metric: 'm', says: 'better' } })).toThrow(/higher.*not-lower/);
});

describe('a report with published claims', () => {
  let files: ReadonlyMap<string, Uint8Array>;
  const text = (name: string) => new TextDecoder().decode(files.get(name)).replaceAll('\u202f', ' ');
  beforeAll(async () => {
    const few = { resamples: 99, galleryImages: 0, published: ['./published.json'] };
    const inputs = fixtureInputs({ size: 24, imagesPerClass: 2, levels: [0, 0.7] });
    files = await (await createFrom(report, few, plainServices({ folder: fixtures }))).write({
      ...inputs,
      concepts: [],
    });
  });

  test('sets them beside what was found on the page, in the answer and in the results', () => {
    expect(text('report.html')).toContain('<a href="#published">What others claim</a>');
    expect(text('report.html')).toContain('Accuracy is lower than dense from 10 % to 80 %');
    expect(text('report.html')).toContain('Pruning makes models forget &lt;fast&gt;.');
    expect(text('answer.md')).toMatch(
      /\| Pruning makes models forget &lt;fast>?\\?>\. \(Doe 2024, Table 2\) \| \w+ \| – \|/,
    );
    expect(text('answer.md')).toContain('| People like it. (Doe 2024, section 5) | not measured | – |');
    const [first, second] = JSON.parse(text('results.json')).published;
    expect(first).toMatchObject({
      publication: 'Doe 2024',
      test: { metric: 'accuracy', says: 'lower', against: 'dense' },
    });
    expect(first.found.asked).toEqual(['claim-accuracy-0.7-against-dense']);
    expect(second).toMatchObject({ test: null, why: 'nobody is asked here', found: { outcome: 'not measured' } });
  });

  test('without any the page has no such part', async () => {
    const inputs = fixtureInputs({ size: 24, imagesPerClass: 1, levels: [0, 0.7] });
    const plain = await (await createFrom(report, { resamples: 99, galleryImages: 0 }, plainServices())).write({
      ...inputs,
      concepts: [],
    });
    expect(new TextDecoder().decode(plain.get('report.html'))).not.toContain('What others claim');
  });
});
