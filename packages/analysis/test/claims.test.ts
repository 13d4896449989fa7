import { randomStream } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Claim, type ClaimOptions, makeClaims } from '../src/claims/claims.ts';
import type { ScoredSamples } from '../src/claims/scored-samples.ts';
import { wordAnswer } from '../src/words/answer.ts';
import { plainText } from '../src/words/sentences.ts';

const options: ClaimOptions = {
  ...{ treatment: 'magnitude', imageSet: 'all', resamples: 199, seed: 1 },
};
const ids = (count: number) => Array.from({ length: count }, (_, i) => `val/${i}`);

function scored(changes: Partial<ScoredSamples>): ScoredSamples {
  const values = changes.values ?? [];
  return {
    ...{
      instance: 'gini[]',
      node: 'gini',
      metric: 'sparseness',
      words: { name: 'Gini index', meaning: 'How few pixels hold the attribution.' },
      preset: 'corrected',
      aspect: 'sparseness',
      role: 'primary',
      isCorrectness: false,
    },
    ...{ direction: 'higher-is-better', sample: 'image', settings: { reduction: 'sum' }, level: 0, arm: null, seed: 0 },
    ...{ considered: null, labelHolds: true, isMatched: false, whyEmpty: null, network: null },
    ...{ explainer: null, alternative: null, rest: '', ids: ids(values.length), values, definitions: [] },
    ...changes,
    instance: changes.instance ?? `gini[${changes.seed},${changes.arm},${changes.level}]`,
  };
}

/** Noise of 20 samples with its own mean for each label. */
function noise(mean: number, spread: number, ...labels: readonly (string | number)[]): number[] {
  const stream = randomStream(1, ...labels);
  return Array.from({ length: 20 }, () => mean + spread * stream.normal());
}

const claimNames = (claims: readonly Claim[]) =>
  claims.map(({ question: { level, arm, against } }) => [arm, level, against.kind === 'dense' ? 'dense' : against.arm]);

describe('which claims a study makes', () => {
  const arms = ['magnitude', 'random', 'trained-on'];
  const study = arms.flatMap((arm) =>
    [0, 0.5, 0.7].map((level) => scored({ arm, level, values: noise(0, 1, arm, level) })),
  );

  test('the treatment against dense and against every control, at every level', () => {
    expect(claimNames(makeClaims(study, options).claims)).toEqual([
      ...[0.5, 0.7].flatMap((level) => ['dense', 'random', 'trained-on'].map((other) => ['magnitude', level, other])),
    ]);
  });

  test('without arms, or where none is the treatment, every arm against its dense model', () => {
    const plain = makeClaims(
      [0, 0.5].map((level) => scored({ level, values: noise(0, 1, level) })),
      options,
    );
    expect(claimNames(plain.claims)).toEqual([[null, 0.5, 'dense']]);
    const others = makeClaims(study, { ...options, treatment: 'movement' });
    expect(others.claims).toHaveLength(6);
    expect(new Set(others.claims.map(({ id }) => id)).size).toBe(6);
  });

  test('a level that has no dense model makes no claim against it', () => {
    expect(makeClaims([scored({ level: 0.5, values: noise(0, 1) })], options).claims).toEqual([]);
  });

  test('seeds pair with themselves; one that is missing somewhere is left out', () => {
    const parts = [0, 1, 2].flatMap((seed) =>
      [0, 0.5].map((level) => scored({ seed, level, values: noise(level, 0.1, seed, level) })),
    );
    const [claim] = makeClaims(
      parts.filter(({ seed, level }) => seed !== 2 || level !== 0),
      options,
    ).claims;
    expect(claim!.question.seeds.map(({ treated, reference }) => [treated.seed, reference.seed])).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect(claim!.comparison).toMatchObject({ seeds: 2, n: 20, method: 'seeds-and-bootstrap' });
  });

  test('a family is every claim of it that has a p; the others are counted apart', () => {
    const few = [0, 0.5].map((level) => scored({ metric: 'few', level, values: [level, 1, 2] }));
    const { families: sizes, claims } = makeClaims([...study, ...few], options);
    expect(sizes).toEqual([{ family: 'primary', size: 6, untestable: 1 }]);
    expect(claims.at(0)).toMatchObject({ question: { metric: 'few' }, adjusted: null, verdict: 'cannot-tell' });
    const smallest = claims
      .filter(({ adjusted }) => adjusted !== null)
      .sort((a, b) => a.comparison.p! - b.comparison.p!)[0]!;
    expect(smallest.adjusted).toBeCloseTo(Math.min(1, 6 * smallest.comparison.p!), 12);
  });
});

describe('families', () => {
  const clear = (part: Partial<ScoredSamples>) =>
    [0, 0.5].map((level) => scored({ ...part, level, values: ids(20).map((_, i) => level + 0.01 * (i % 3) * level) }));
  const noisy = (metric: string, part: Partial<ScoredSamples> = {}) =>
    [0, 0.5].map((level) => scored({ ...part, metric, level, values: noise(0, 1, metric.length, level) }));
  const companions = Array.from({ length: 30 }, (_, i) =>
    noisy(`${'x'.repeat(i + 1)}-minus-null`, { role: 'companion' }),
  );
  const parts = [...clear({ metric: 'asked' }), ...noisy('mprt', { role: 'sanity-check' }), ...companions.flat()];

  test('what is read beside a score costs the score nothing', () => {
    const { families: sizes, claims } = makeClaims(parts, options);
    expect(sizes).toEqual([
      { family: 'primary', size: 1, untestable: 0 },
      { family: 'sanity-check', size: 1, untestable: 0 },
      { family: 'companion', size: 30, untestable: 0 },
    ]);
    const asked = claims.find(({ question }) => question.metric === 'asked')!;
    expect(asked.adjusted).toBe(asked.comparison.p);
    const least = claims
      .filter(({ family }) => family === 'companion')
      .sort((a, b) => a.comparison.p! - b.comparison.p!)[0]!;
    expect(least.adjusted).toBeCloseTo(Math.min(1, 30 * least.comparison.p!), 12);
  });

  test('companions are no lines of the answer, and are not counted in it', () => {
    const made = makeClaims(parts, options);
    const answer = wordAnswer(made, new Map())!;
    expect(answer.summary).toBe('1 of 1 measures differs from the dense network at some sparsity.');
    const lines = answer.aspects.flatMap((aspect) => aspect.lines.map(({ phrases }) => plainText(phrases)));
    expect(lines.join(' ')).not.toMatch(/minus/);
    expect(answer.aspects.flatMap(({ companions: beside }) => beside)).toHaveLength(30);
    expect(answer.scope.join(' ')).toContain(
      'the primary scores (1 claim), the sanity checks (1 claim) and the companions: nulls, diagnostics, other readings (30 claims)',
    );
  });
});

describe('image sets', () => {
  const correct = (level: number, values: readonly number[]) =>
    scored({ node: 'accuracy', metric: 'accuracy', isCorrectness: true, level, values });
  const study = [
    correct(
      0,
      ids(20).map((_, i) => Number(i < 16)),
    ),
    correct(
      0.5,
      ids(20).map((_, i) => Number(i >= 2)),
    ),
    ...[0, 0.5].map((level) => scored({ level, values: ids(20).map((_, i) => level * i) })),
  ];
  const gini = (imageSet: ClaimOptions['imageSet']) =>
    makeClaims(study, { ...options, imageSet }).claims.find(({ question }) => question.metric === 'sparseness')!;

  test('each is available and labelled, and the others stand beside it', () => {
    expect([gini('all').imageSet, gini('all').comparison.n]).toEqual(['all', 20]);
    expect([gini('correct-by-all').imageSet, gini('correct-by-all').comparison.n]).toEqual(['correct-by-all', 14]);
    expect([gini('correct-by-model').imageSet, gini('correct-by-model').comparison.n]).toEqual([
      'correct-by-model',
      18,
    ]);
    expect(gini('all').elsewhere.map(({ imageSet, comparison }) => [imageSet, comparison.n])).toEqual([
      ['correct-by-all', 14],
      ['correct-by-model', 18],
    ]);
    // images 2 to 15: half of 8.5
    expect(gini('correct-by-all').comparison.difference).toBeCloseTo(4.25, 12);
    expect(gini('correct-by-all').means).toEqual({ treated: expect.closeTo(4.25, 12), reference: 0 });
  });

  test('accuracy has no claim on images that were chosen by it', () => {
    const { claims } = makeClaims(study, { ...options, imageSet: 'correct-by-all' });
    expect(claims.map(({ question }) => question.metric)).toEqual(['sparseness']);
  });
});

describe('other definitions', () => {
  const shifted = (values: readonly number[], by: number) => values.map((value) => value + by);
  const own = [0, 0.5].map((level) => noise(level, 0.1, 'own', level));
  const study = [0, 1].flatMap((i) => {
    const level = [0, 0.5][i]!;
    const free = [
      { name: 'l2', settings: { reduction: 'l2' }, values: shifted(own[i]!, 1) },
      { name: 'max-abs', settings: { reduction: 'max-abs' }, values: own[i]!.map((value) => -value) },
    ];
    return [
      scored({ level, values: own[i]!, definitions: free }),
      scored({
        ...{
          level,
          node: 'giniOfBlack',
          alternative: 'black',
          preset: 'other',
          values: own[i]!.map((value) => 2 * value),
        },
        ...{ settings: { reduction: 'sum', baseline: 'black' } },
        definitions: [{ name: 'l2', settings: { reduction: 'l2' }, values: own[i]! }],
      }),
    ];
  });

  test('those that come with the scores, those of the axis, and both at once; signs are counted', () => {
    const [claim, ...more] = makeClaims(study, options).claims;
    expect(more).toEqual([]);
    expect(claim!.definitions.map(({ name, sameSign }) => [name, sameSign])).toEqual([
      ['reduction=l2', true],
      ['reduction=max-abs', false],
      ['baseline=black', true],
      ['baseline=black, reduction=l2', true],
    ]);
    expect(claim!.definitions[2]!.difference).toBeCloseTo(2 * claim!.comparison.difference, 12);
  });

  test('the same definition under another label is no other definition', () => {
    const again = [0, 0.5].map((level, i) => scored({ level, values: own[i]!, node: 'again', alternative: 'sum' }));
    const claims = (more: readonly ScoredSamples[]) => makeClaims([...study, ...more], options).claims;
    expect(claims(again)[0]!.definitions).toEqual(claims([])[0]!.definitions);
    const unnamed = again.map((part) => ({ ...part, settings: {} }));
    expect(claims(unnamed)[0]!.definitions.length).toBe(4);
    const noSettings = [...study, ...again]
      .filter(({ node }) => node !== 'giniOfBlack')
      .map((part) => ({ ...part, settings: {}, definitions: [] }));
    expect(makeClaims(noSettings, options).claims[0]!.definitions.map(({ name }) => name)).toEqual(['sum']);
  });

  test('a definition that one of the models lacks is no setting', () => {
    const part = study.filter(({ alternative, level }) => alternative === null || level === 0);
    expect(makeClaims(part, options).claims[0]!.definitions.map(({ name }) => name)).toEqual([
      'reduction=l2',
      'reduction=max-abs',
    ]);
  });
});

describe('the words', () => {
  /** Studies that reach every verdict: equal models, few samples, rare differences, small and large effects, one seed or three. */
  const studies = fc.record({
    seed: fc.integer({ min: 0, max: 1e6 }),
    count: fc.constantFrom(6, 20, 40),
    seeds: fc.constantFrom([0], [0, 1, 2]),
    effects: fc.array(fc.constantFrom(-3, -0.5, 0, 0, 0.5, 3), { minLength: 4, maxLength: 4 }),
    kind: fc.constantFrom('normal', 'hits', 'rare', 'equal'),
    arms: fc.constantFrom([null], ['magnitude', 'random']),
  });
  type Drawn = typeof studies extends fc.Arbitrary<infer T> ? T : never;

  function studyOf({ seed, count, seeds, effects, kind, arms }: Drawn): ScoredSamples[] {
    return ['sparseness', 'made-up-metric'].flatMap((metric, m) =>
      arms.flatMap((arm, a) =>
        [0, 0.3, 0.7].flatMap((level, l) =>
          seeds.map((trainingSeed) => {
            const stream = randomStream(seed, metric, level === 0 ? '' : (arm ?? ''), level, trainingSeed);
            const effect = level === 0 ? 0 : effects[(m + a + l) % 4]!;
            const values = ids(count).map((_, i) => {
              if (kind === 'equal') return i;
              if (kind === 'rare') return level > 0 && i < 2 ? 0.5 : 0;
              if (kind === 'hits') return Number(stream.uniform() < 0.5 + 0.15 * effect);
              return effect + stream.normal();
            });
            return scored({ metric, arm, level, seed: trainingSeed, values, aspect: m === 0 ? 'sparseness' : 'other' });
          }),
        ),
      ),
    );
  }

  test('no word of change for a claim whose interval holds zero or whose corrected p is above 0.05', () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(studies, (drawn) => {
        const made = makeClaims(studyOf(drawn), options);
        const byId = new Map(made.claims.map((claim) => [claim.id, claim]));
        expect(byId.size).toBe(made.claims.length);
        const answer = wordAnswer(made, new Map())!;
        for (const { verdict, comparison, adjusted } of made.claims) {
          reached.add(verdict);
          if (verdict !== 'higher' && verdict !== 'lower') continue;
          expect(adjusted!).toBeLessThanOrEqual(0.05 + 1e-12);
          expect(comparison.interval![0] > 0 || comparison.interval![1] < 0).toBe(true);
          expect(Math.sign(comparison.difference)).toBe(verdict === 'higher' ? 1 : -1);
        }
        for (const [i, measure] of answer.measures.entries()) {
          const sentence = answer.aspects.flatMap(({ sentences }) => sentences)[i]!;
          const verdicts = [measure.dense, ...measure.controls.values()].flat().map(({ verdict }) => verdict);
          for (const word of ['higher', 'lower'] as const) {
            expect(plainText(sentence.phrases).includes(word)).toBe(verdicts.includes(word));
          }
          expect(sentence.outcome === 'changed').toBe(
            measure.dense.some(({ verdict }) => /higher|lower/.test(verdict)),
          );
        }
        for (const { lines, sentences } of answer.aspects) {
          for (const { outcome, phrases } of lines) {
            if (outcome === 'beside') {
              // every number it gives is of a change from a control
              const cited = phrases.flatMap((phrase) => ('claim' in phrase ? byId.get(phrase.claim)! : []));
              expect(cited.length).toBeGreaterThan(0);
              for (const { verdict, question } of cited) {
                expect([verdict, question.against.kind]).toEqual([expect.stringMatching(/higher|lower/), 'control']);
              }
            } else if (outcome !== 'changed') {
              expect(plainText(phrases)).not.toMatch(/higher|lower|better|worse|rise|fall|drop|differs/);
            }
          }
          for (const phrase of [...lines, ...sentences].flatMap(({ phrases }) => phrases)) {
            if ('claim' in phrase) expect(byId.has(phrase.claim)).toBe(true);
          }
        }
      }),
      { seed: 11, numRuns: 60 },
    );
    expect([...reached].sort()).toEqual(['cannot-tell', 'higher', 'identical', 'lower', 'not-shown']);
  });

  test('a metric of another package is called and written as it says itself', () => {
    const words = { name: 'Energy of the maps', meaning: 'Sum of squares.', unit: 'J' };
    const study = [0, 0.7].map((level) =>
      scored({ metric: 'map-energy', words, level, values: noise(level, 0.1, level) }),
    );
    const line = (parts: readonly ScoredSamples[]) =>
      plainText(wordAnswer(makeClaims(parts, options), new Map())!.aspects[0]!.lines[0]!.phrases);
    expect(line(study)).toMatch(/^Energy of the maps is higher \(better\) at 70\u202f%: \+0\.\d+ J \(95/);
    const share = { ...words, unit: '%' };
    expect(line(study.map((part) => ({ ...part, words: share })))).toMatch(
      /: \+[\d.]+ points \(95\u202f%: .*\), from −?[\d.]+\u202f%/,
    );
  });

  test('of models that are not as sparse as labelled, sentences give what was counted', () => {
    const counted = { considered: 0.0002, labelHolds: false };
    const study = [
      scored({ level: 0, values: noise(0, 0.01, 'dense') }),
      scored({ level: 0.3, considered: 0.3, values: noise(0.1, 0.01, 'held') }),
      scored({ level: 0.7, ...counted, values: noise(0.1, 0.01, 'regrown') }),
    ];
    const made = makeClaims(study, options);
    const answer = wordAnswer(made, new Map())!;
    expect(answer.caution).toBe(
      'Some models are not as sparse as labelled. The sentences give what was counted: 0.02\u202f% (labelled 70\u202f%).',
    );
    expect(plainText(answer.aspects[0]!.sentences[0]!.phrases)).toContain(
      'at 30\u202f% and 0.02\u202f% (labelled 70\u202f%), by',
    );
    expect(wordAnswer(makeClaims(study.slice(0, 2), options), new Map())!.caution).toBe(null);
    const seeds = study.flatMap((part) => [part, { ...part, seed: 1, considered: part.level === 0.7 ? 0.1 : null }]);
    expect(wordAnswer(makeClaims(seeds, options), new Map())!.caution).toContain('0.02\u202f% to 10\u202f% (labelled');
  });

  test('controls are told apart, folded where they agree, and have a line where dense shows nothing', () => {
    const own = (arm: string, level: number, mean: number, metric = 'sparseness') =>
      scored({
        metric,
        words: { name: metric === 'steady' ? 'Steady' : 'Gini index', meaning: 'A measure.' },
        arm,
        level,
        isMatched: arm === 'trained-on',
        values: noise(mean, 0.01, metric, arm, level, mean),
      });
    const study = [
      ...[own('magnitude', 0, 0.5), own('magnitude', 0.7, 0.4)],
      ...[own('random', 0.7, 0.4), own('trained-on', 0.7, 0.4)],
      ...[own('magnitude', 0, 0.5, 'steady'), own('magnitude', 0.7, 0.5, 'steady')],
      ...[own('random', 0.7, 0.3, 'steady'), own('trained-on', 0.7, 0.6, 'steady')],
    ];
    const answer = wordAnswer(makeClaims(study, options), new Map())!;
    expect(answer.scope.at(-1)).toBe(
      'Controls stand at the same level: \u201crandom\u201d is pruned otherwise and \u201ctrained-on\u201d is not pruned. ' +
        'Where pruning differs from dense but not from a control, what the control did may be the cause.',
    );
    const lines = answer.aspects[0]!.lines.map(({ outcome, phrases }) => `${outcome}: ${plainText(phrases)}`);
    expect(lines.map((line) => line.replaceAll('\u202f', ' '))).toMatchInlineSnapshot(`
      [
        "changed: Gini index is lower (worse) at 70 %: −0.1041 (95 %: −0.1106 to −0.0975), from 0.5039; there, no difference to “random” or “trained-on” shown.",
        "unchanged: No change shown in Steady (within ±0.0066).",
        "beside: Beside the controls, with no change from dense shown: Steady is higher than “random” at 70 %, by +0.2012 (95 %: 0.1950 to 0.2075), and lower than “trained-on” at 70 %, by −0.0961 (95 %: −0.1003 to −0.0918).",
      ]
    `);
  });

  test('a study read aloud', () => {
    const study = [
      scored({ level: 0, arm: 'magnitude', values: noise(0, 0.01, 'dense') }),
      scored({ level: 0.3, arm: 'magnitude', values: noise(0, 0.01, 'dense 2') }),
      scored({ level: 0.7, arm: 'magnitude', values: noise(-0.1, 0.01, 'pruned') }),
      scored({ level: 0.7, arm: 'random', values: noise(-0.1, 0.01, 'random') }),
    ];
    const made = makeClaims(study, options);
    const answer = wordAnswer(made, new Map())!;
    expect(answer.summary).toBe('1 of 1 measures differs from the dense network at some sparsity.');
    expect(answer.scope[0]).toBe(
      'One training seed: every sentence is about these trained networks, and training again may give others.',
    );
    expect(plainText(answer.aspects[0]!.lines[0]!.phrases)).toMatchInlineSnapshot(
      `"Gini index is lower (worse) at 70 %: −0.0984 (95 %: −0.1068 to −0.0900), from −0.0022; there, no difference to “random” shown."`,
    );
    expect(plainText(answer.aspects[0]!.sentences[0]!.phrases)).toMatchInlineSnapshot(
      `"Gini index: lower than dense at 70 %, by −0.0984 (95 %: −0.1068 to −0.0900); no change shown at 30 % (within ±0.0120). Beside “random”: no difference shown at 70 % (within ±0.0078)."`,
    );
  });

  test('seeds are said, and what is too few is said', () => {
    const study = [0, 1].flatMap((seed) => [0, 0.5].map((level) => scored({ seed, level, values: [level, 1, 2] })));
    const answer = wordAnswer(makeClaims(study, options), new Map())!;
    expect(answer.scope[0]).toBe(
      '2 training seeds: the sentences are about networks trained like these, as far as so few can tell.',
    );
    expect(plainText(answer.aspects[0]!.sentences[0]!.phrases)).toBe(
      'Gini index: cannot be told at 50\u202f%: 3 samples are too few.',
    );
    expect(answer.summary).toBe('0 of 1 measures differ from the dense network at some sparsity; 1 cannot be told.');
  });

  test('one sample that outweighs all others is said', () => {
    const values = [...Array.from({ length: 9 }, (_, i) => 1e-9 * (i % 2 === 0 ? i : -i)), 0.0066];
    const study = [
      scored({ level: 0, values: values.map(() => 0.5) }),
      scored({ level: 0.5, values: values.map((value) => 0.5 + value) }),
    ];
    const answer = wordAnswer(makeClaims(study, options), new Map())!;
    expect(plainText(answer.aspects[0]!.sentences[0]!.phrases)).toBe(
      'Gini index: cannot be told at 50\u202f%: one of 10 samples outweighs all others.',
    );
  });
});
