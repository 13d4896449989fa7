import { randomStream } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Check, makeChecks } from '../src/claims/checks.ts';
import { type ClaimOptions, makeClaims } from '../src/claims/claims.ts';
import type { ScoredSamples } from '../src/claims/scored-samples.ts';
import { claimsJson } from '../src/tables/claims-json.ts';
import { claimColumns } from '../src/tables/claims-table.ts';
import { wordAnswer } from '../src/words/answer.ts';
import { checkNumbers, checksSentence } from '../src/words/checks.ts';
import { plainText } from '../src/words/phrases.ts';

const options: ClaimOptions = {
  ...{ treatment: 'magnitude', control: 'trained-on', endpoints: [], margins: {}, bars: {}, imageSet: 'all' },
  ...{ resamples: 199, seed: 1 },
};

/** A check of twenty images and five draws about `mean`; its bar is 0.5. */
function scored(mean: number, changes: Partial<ScoredSamples> = {}, { count = 20, spread = 0.05 } = {}): ScoredSamples {
  const { level = 0.5, arm = 'magnitude', seed = 0, metric = 'check', explainer = null } = changes;
  const stream = randomStream(1, metric, level, String(arm), String(seed), mean);
  const ids = Array.from({ length: count }, (_, i) => `val/${i}`);
  const image = ids.map(() => spread * stream.normal());
  const byDraw = [0, 1, 2, 3, 4].map(() => {
    const draw = spread * stream.normal();
    return image.map((value) => mean + value + draw + spread * stream.normal());
  });
  const values = ids.map((_, i) => byDraw.reduce((sum, row) => sum + row[i]!, 0) / byDraw.length);
  return {
    ...{ instance: `${metric}[${arm},${level},${seed}]`, node: metric, metric, preset: 'corrected', aspect: 'sanity' },
    ...{
      words: { name: `Check ${metric}`, meaning: 'What is left.' },
      role: 'sanity-check',
      direction: 'lower-is-better',
    },
    ...{ sample: 'image', isCorrectness: false, settings: {}, level, arm, seed, draw: null, explainer },
    ...{ considered: null, labelHolds: true, isMatched: false, isBaseline: false, whyEmpty: null, network: null },
    ...{
      margin: null,
      bar: 0.5,
      comparedOn: null,
      sharedFits: null,
      alternative: null,
      rest: '',
      definitions: [],
      ids,
      values,
      byDraw,
    },
    ...changes,
  };
}

const verdicts = (checks: readonly Check[]) => checks.map(({ arm, level, verdict }) => [arm, level, verdict]);

describe('sanity checks against their bar', () => {
  test('every arm and level is judged, dense models once, however many arms have them', () => {
    const study = ['magnitude', 'trained-on'].flatMap((arm) => [
      scored(0.3, { arm, level: 0, network: 'dense' }),
      scored(arm === 'magnitude' ? 0.8 : 0.3, { arm, level: 0.5 }),
      scored(0.5, { arm, level: 0.7 }),
    ]);
    expect(verdicts(makeChecks(study, options))).toEqual([
      [null, 0, 'passes'],
      ['magnitude', 0.5, 'fails'],
      ['magnitude', 0.7, 'inconclusive'],
      ['trained-on', 0.5, 'passes'],
      ['trained-on', 0.7, 'inconclusive'],
    ]);
  });

  test('which side is better is the metric’s; the study’s bar comes before the metric’s; without any nothing is judged', () => {
    const verdict = (change: Partial<ScoredSamples>, bars = {}) =>
      makeChecks([scored(0.3, change)], { ...options, bars })[0]?.verdict;
    expect(verdict({})).toBe('passes');
    expect(verdict({ direction: 'higher-is-better' })).toBe('fails');
    expect(verdict({}, { check: 0.1 })).toBe('fails');
    expect(verdict({ bar: null })).toBe(undefined);
    expect(verdict({ bar: null }, { check: 0.9 })).toBe('passes');
    expect(verdict({ role: 'companion' })).toBe(undefined);
    expect(verdict({ alternative: 'other' })).toBe(undefined);
  });

  test('an explainer that looks at the image alone agrees by 1 everywhere, and fails; one that keeps nothing passes', () => {
    const flat = (value: number) => {
      const own = scored(0);
      const row = own.values.map(() => value);
      return makeChecks([{ ...own, values: row, byDraw: own.byDraw.map(() => row) }], options)[0]!;
    };
    expect(flat(1)).toMatchObject({ verdict: 'fails', mean: 1, interval: [1, 1] });
    expect(flat(0)).toMatchObject({ verdict: 'passes', mean: 0, interval: [0, 0] });
  });

  test('too few images, or none, are inconclusive with the reason', () => {
    expect(makeChecks([scored(0.3, {}, { count: 6 })], options)[0]).toMatchObject({
      ...{ verdict: 'inconclusive', interval: null, why: '6 samples are too few' },
    });
    const none = scored(0, { ids: [], values: [], byDraw: [], whyEmpty: 'all maps are constant' });
    expect(makeChecks([none], options)[0]!.why).toBe('no sample has a value (all maps are constant)');
    expect(plainText(checksSentence(makeChecks([none], options), new Map())!)).toContain(
      'is inconclusive, \u2013 at 50',
    );
  });

  test('draws are in the interval: few networks that disagree leave open what one would have decided', () => {
    const own = scored(0.45, {}, { spread: 0.1 });
    const [drawn] = makeChecks([own], options);
    const [fixed] = makeChecks([{ ...own, byDraw: [] }], options);
    const width = ({ interval }: Check) => interval![1] - interval![0];
    expect([drawn!.replicates, drawn!.estimate.seeds]).toEqual(['draws', 5]);
    expect(width(drawn!)).toBeGreaterThan(1.5 * width(fixed!));
  });

  test('the first sentence of the answer warns where an explainer fails, and says nothing of it elsewhere', () => {
    const measure = [0, 0.5].map((level) => scored(level, { level, role: 'primary', metric: 'measure', arm: null }));
    const lead = (mean: number) =>
      wordAnswer(makeClaims([...measure, scored(mean, { arm: null, explainer: 'edges' })], options), new Map())!.lead;
    expect(plainText(lead(0.9)[0]!)).toMatch(/; mind that Check check \(edges\) fails\.$/);
    expect(plainText(lead(0.1)[0]!)).not.toContain('sanity');
    expect(lead(0.9)).toHaveLength(lead(0.1).length);
  });
});

test('verdict, sentence, table and JSON say the same of the same interval', () => {
  const studies = fc.record({
    means: fc.array(fc.constantFrom(0.1, 0.45, 0.5, 0.55, 0.9), { minLength: 4, maxLength: 4 }),
    count: fc.constantFrom(6, 12, 30),
    seeds: fc.constantFrom([0], [0, 1, 2]),
    lower: fc.boolean(),
  });
  const reached = new Set<string>();
  fc.assert(
    fc.property(studies, ({ means, count, seeds, lower }) => {
      const direction = lower ? 'lower-is-better' : 'higher-is-better';
      const study = means.flatMap((mean, i) =>
        seeds.map((seed) =>
          scored(mean, { seed, direction, level: (i % 2) * 0.5, explainer: `e${i >> 1}` }, { count }),
        ),
      );
      const made = makeClaims(study, options);
      const { checks } = made;
      expect(new Set(checks.map(({ id }) => id)).size).toBe(4);
      const table = new Map(claimColumns({ claims: [], checks }).map(({ name, values }) => [name, values]));
      const json = JSON.parse(JSON.stringify(claimsJson(made))).checks;
      const sentence = checksSentence(checks, new Map())!;
      for (const [i, check] of checks.entries()) {
        const { verdict, interval, bar, mean, id, why, judged } = check;
        reached.add(verdict);
        const better = (value: number) => (lower ? value < bar : value > bar);
        const ends = interval ?? [Number.NaN, Number.NaN];
        const said = { passes: ends.every(better), fails: interval !== null && !ends.some(better) };
        expect([said.passes, said.fails]).toEqual([verdict === 'passes', verdict === 'fails']);
        expect(why === null).toBe(verdict !== 'inconclusive');
        if (interval) {
          expect(interval[0] <= mean && mean <= interval[1]).toBe(true);
          expect(table.get('low')![i]! as number).toBeCloseTo(interval[0] - bar, 12);
          expect(table.get('high')![i]! as number).toBeCloseTo(interval[1] - bar, 12);
          expect(judged.adjusted! <= 0.05).toBe(verdict !== 'inconclusive');
        } else expect(table.get('low')![i]).toBe(null);
        expect([table.get('claim')![i], table.get('verdict')![i], table.get('reference')![i]]).toEqual([
          id,
          verdict,
          bar,
        ]);
        expect([json[i].verdict, json[i].interval]).toEqual([verdict, interval && [...interval]]);
        for (const phrase of sentence)
          if ('claim' in phrase && phrase.claim === id) expect(phrase.text).toContain(checkNumbers(check));
      }
      const passing = ['e0', 'e1'].filter((e) =>
        checks.every(({ explainer, verdict }) => explainer !== e || verdict === 'passes'),
      );
      expect(plainText(sentence)).toContain(`Sanity checks: ${passing.length} of 2 pass`);
      const cited = sentence.flatMap((phrase) => ('claim' in phrase ? [phrase.claim] : []));
      expect(cited).toHaveLength(2 - passing.length);
    }),
    { numRuns: 60, seed: 3 },
  );
  expect([...reached].sort()).toEqual(['fails', 'inconclusive', 'passes']);
});
