import { randomStream } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Claim, type ClaimOptions, makeClaims } from '../src/claims/claims.ts';
import { definitionCounts } from '../src/claims/definition-results.ts';
import { nearCopies } from '../src/claims/near-copies.ts';
import type { ScoredSamples } from '../src/claims/scored-samples.ts';
import { claimColumns } from '../src/tables/claims-table.ts';
import { wordAnswer } from '../src/words/answer.ts';
import { plainText } from '../src/words/phrases.ts';
import { definitionsText } from '../src/words/sentences.ts';

const options: ClaimOptions = {
  ...{ treatment: 'magnitude', control: 'trained-on', endpoints: [], margins: {}, bars: {}, imageSet: 'all' },
  ...{ resamples: 999, seed: 1 },
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
    ...{ considered: null, labelHolds: true, isMatched: false, sharedFits: null, whyEmpty: null, network: null },
    ...{ draw: null, isBaseline: false, margin: null, bar: null, comparedOn: null },
    ...{ explainer: null, alternative: null, rest: '', ids: ids(values.length), values, byDraw: [], definitions: [] },
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
  claims.map(({ place, question: { level, arm, against } }) => [
    arm,
    place.kind === 'trend' ? 'trend' : level,
    against.kind === 'dense' ? 'dense' : against.arm,
  ]);

describe('which claims a study makes', () => {
  const arms = ['magnitude', 'random', 'trained-on'];
  const study = arms.flatMap((arm) =>
    [0, 0.5, 0.7].map((level) => scored({ arm, level, values: noise(0, 1, arm, level) })),
  );

  test('the treatment against its control, with a trend, then against every other control and against dense', () => {
    const { claims } = makeClaims(study, options);
    expect(claimNames(claims).sort()).toEqual(
      [
        ['magnitude', 'trend', 'trained-on'],
        ...[0.5, 0.7].flatMap((level) => ['trained-on', 'random', 'dense'].map((other) => ['magnitude', level, other])),
      ].sort(),
    );
    expect(
      new Set(claims.map(({ family, question: { against } }) => `${family} ${Object.values(against).at(-1)}`)),
    ).toEqual(new Set(['endpoints trained-on', 'controls random', 'background dense']));
  });

  test('without the control, or without arms, the question is asked against dense', () => {
    const plain = makeClaims(
      [0, 0.5].map((level) => scored({ level, values: noise(0, 1, level) })),
      options,
    );
    expect(claimNames(plain.claims)).toEqual([[null, 0.5, 'dense']]);
    expect(plain.claims[0]!.family).toBe('endpoints');
    const others = makeClaims(study, { ...options, treatment: 'movement' });
    expect(others.claims).toHaveLength(9); // three arms, two levels and a trend
    expect(new Set(others.claims.map(({ id }) => id)).size).toBe(9);
  });

  test('a level that has no dense model makes no claim against it, and neither does one that was measured against itself', () => {
    expect(makeClaims([scored({ level: 0.5, values: noise(0, 1) })], options).claims).toEqual([]);
    const lineage = [0, 0.5].map((level) =>
      scored({ level, isBaseline: level === 0, values: noise(1 - level, 0.1, level) }),
    );
    expect(makeClaims(lineage, options).claims).toEqual([]);
  });

  test('seeds pair with themselves; one that is missing somewhere is left out', () => {
    const parts = [0, 1, 2].flatMap((seed) =>
      [0, 0.5].map((level) => scored({ seed, level, values: noise(level, 0.1, seed, level) })),
    );
    const [claim] = makeClaims(
      parts.filter(({ seed, level }) => seed !== 2 || level !== 0),
      options,
    ).claims;
    expect(claim!.question.pairs.map(({ treated, reference }) => [treated.seed, reference.seed])).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect(claim!.comparison).toMatchObject({ seeds: 2, n: 20, method: 'seeds-and-bootstrap' });
  });

  test('draws of a control are replicates of one seed, and lie within several', () => {
    const masks = (seed: number, draw: number) =>
      scored({ seed, draw, arm: 'random', level: 0.5, values: noise(draw, 0.1, seed, draw) });
    // A treatment without the axis, and one that only has its first label.
    for (const draw of [null, 0]) {
      const treated = (seed: number) =>
        scored({ seed, draw, arm: 'magnitude', level: 0.5, values: noise(0, 0.1, seed) });
      const asked = (seeds: readonly number[]) =>
        makeClaims(
          seeds.flatMap((seed) => [treated(seed), ...[0, 1, 2].map((mask) => masks(seed, mask))]),
          { ...options, control: 'random' },
        ).claims[0]!;
      expect(asked([0])).toMatchObject({ replicates: 'draws', comparison: { seeds: 3 } });
      expect(asked([0, 1])).toMatchObject({ replicates: 'seeds', comparison: { seeds: 2 } });
      // the mean over draws 0, 1 and 2 is 1
      for (const seeds of [[0], [0, 1]]) expect(asked(seeds).comparison.difference).toBeCloseTo(-1, 0);
    }
  });

  test('draws within scores are crossed with seeds, and the replicates of one network', () => {
    const part = (seed: number, level: number) => {
      const byDraw = [0, 1, 2].map((draw) => noise(level + draw, 0.1, seed, level, draw));
      return scored({
        seed,
        level,
        byDraw,
        values: byDraw[0]!.map((_, i) => (byDraw[0]![i]! + byDraw[1]![i]! + byDraw[2]![i]!) / 3),
      });
    };
    const asked = (seeds: readonly number[]) =>
      makeClaims(
        seeds.flatMap((seed) => [part(seed, 0), part(seed, 0.5)]),
        options,
      ).claims[0]!;
    const [one, several] = [asked([0]), asked([0, 1])];
    expect(one).toMatchObject({ replicates: 'draws', comparison: { seeds: 3, draws: 0 } });
    expect(several).toMatchObject({ replicates: 'seeds', comparison: { seeds: 2, draws: 3 } });
    // what a draw adds to both models is in no difference
    for (const { comparison } of [one, several]) {
      expect(comparison.difference).toBeCloseTo(0.5, 1);
      expect(comparison.interval![1] - comparison.interval![0]).toBeLessThan(2);
    }
    expect(claimColumns({ claims: [several], checks: [] }).find(({ name }) => name === 'shared_draws')!.values).toEqual(
      [3],
    );
  });

  test('images of one class are no independent witnesses, where there are ten classes', () => {
    const parts = [0, 0.5].map((level) =>
      scored({ level, ids: ids(40), values: ids(40).map((_, i) => level * ((i % 10) + 0.01 * i)) }),
    );
    const classOf = (id: string) => `class ${Number(id.slice(4)) % 10}`;
    const [apart, grouped] = [options, { ...options, classOf }].map((asked) => makeClaims(parts, asked).claims[0]!);
    expect([apart!.comparison.units, grouped!.comparison.units]).toEqual([40, 10]);
    const width = (claim: Claim) => claim.interval![1] - claim.interval![0];
    expect(width(grouped!)).toBeGreaterThan(1.5 * width(apart!));
  });

  test.each([3, 9, 10, 12])(
    'images share what was fitted to %i classes: classes are the units, of few nothing is said',
    (classes) => {
      const sharedFits = Array.from({ length: 60 }, (_, i) => `class ${i % classes}`);
      const values = (level: number) => sharedFits.map((_, i) => level * (1 + (i % classes) + 0.001 * i));
      const parts = [0, 0.5].map((level) => scored({ level, ids: ids(60), values: values(level), sharedFits }));
      // whatever the report knows of classes
      for (const classOf of [undefined, (id: string) => id]) {
        const { claims } = makeClaims(parts, { ...options, ...(classOf && { classOf }) });
        expect(claims[0]!.comparison.units).toBe(classes);
        const why = `60 samples share what was fitted to ${classes} classes, which are too few`;
        expect(claims[0]).toMatchObject(
          classes < 10 ? { verdict: 'inconclusive', interval: null, why } : { verdict: 'different' },
        );
      }
      // two levels: their trend has the same units
      const third = scored({ level: 0.7, ids: ids(60), values: values(0.7), sharedFits });
      const trend = makeClaims([...parts, third], options).claims.find(({ place }) => place.kind === 'trend');
      expect(trend?.comparison.units).toBe(classes);
    },
  );

  test('equal samples of too few fits are not equivalent', () => {
    const sharedFits = ids(30).map((_, i) => `class ${i % 3}`);
    const parts = [0, 0.5].map((level) => scored({ level, ids: ids(30), values: ids(30).map(() => 1), sharedFits }));
    expect(makeClaims(parts, options).claims[0]!.verdict).toBe('inconclusive');
  });
});

describe('families', () => {
  const changed = (metric: string, size: number, part: Partial<ScoredSamples> = {}) =>
    [0, 0.5].map((level) => scored({ ...part, metric, level, values: noise(level * size, 0.1, metric, level) }));
  const verdicts = (parts: readonly ScoredSamples[], more: Partial<ClaimOptions> = {}) => {
    const { claims } = makeClaims(parts, { ...options, ...more });
    return Object.fromEntries(claims.map(({ question, verdict, why }) => [question.metric, [verdict, why]]));
  };

  test('measures share the error rate, whether they can be tested or not', () => {
    const alone = makeClaims(changed('asked', 0.3), options).claims[0]!;
    const few = [0, 0.5].map((level) => scored({ metric: 'few', level, values: [level, 1, 2] }));
    const { families: sizes, claims } = makeClaims([...changed('asked', 0.3), ...few], options);
    expect(sizes).toEqual([{ family: 'endpoints', measures: 2, claims: 2, untestable: 1, share: 1 }]);
    expect(claims.find(({ question }) => question.metric === 'few')).toMatchObject({
      ...{ adjusted: null, interval: null, verdict: 'inconclusive', why: '3 samples are too few' },
    });
    const beside = claims.find(({ question }) => question.metric === 'asked')!;
    expect(beside.adjusted).toBeCloseTo(2 * alone.adjusted!, 3);
  });

  test('what is read beside a score costs the score nothing', () => {
    const companions = Array.from({ length: 10 }, (_, i) => changed(`minus-null-${i}`, 0, { role: 'companion' }));
    const alone = makeClaims(changed('asked', 0.3), options).claims[0]!;
    const { claims, families } = makeClaims([...changed('asked', 0.3), ...companions.flat()], options);
    const beside = claims.find(({ question }) => question.metric === 'asked')!;
    expect(beside.adjusted).toBe(alone.adjusted);
    expect(beside.interval).toEqual(alone.interval);
    expect(families.map(({ family, measures }) => [family, measures])).toEqual([
      ['endpoints', 1],
      ['companion', 10],
    ]);
  });

  test('what is no endpoint is a finding only with the error rate of endpoints that are', () => {
    const other = changed('other', 2);
    const asked = (size: number) => verdicts([...changed('asked', size), ...other], { endpoints: ['asked'] });
    expect(asked(2)).toEqual({ asked: ['different', null], other: ['different', null] });
    expect(asked(0)).toEqual({
      asked: ['inconclusive', 'its interval holds zero, and no margin of equivalence was declared'],
      other: ['inconclusive', 'no endpoint differs, so nothing else is a finding'],
    });
  });

  test('an endpoint without a trend is found where any of its levels is', () => {
    const at = (level: number, seed: number) =>
      scored({ metric: 'asked', level, seed, values: noise(level === 0.6 ? 2 : 0, 0.1, 'asked', level, seed) });
    // Two seeds at one level and one at the other: no line goes through both.
    const asked = [at(0, 0), at(0, 1), at(0.3, 0), at(0.3, 1), at(0.6, 0)];
    const { claims, families } = makeClaims([...asked, ...changed('other', 2)], { ...options, endpoints: ['asked'] });
    expect(claims.some(({ place }) => place.kind === 'trend')).toBe(false);
    expect(families.find(({ family }) => family === 'secondary')?.share).toBe(1);
  });

  test('levels are findings only where the trend is one', () => {
    const bump = [0, 0.3, 0.6, 0.9].map((level) =>
      scored({ level, values: noise(level === 0.3 ? 1 : level === 0.6 ? -0.5 : 0, 0.05, level) }),
    );
    const { claims } = makeClaims(bump, options);
    const [trend, first] = claims;
    expect([trend!.place.kind, trend!.verdict]).toEqual(['trend', 'inconclusive']);
    expect(first!.interval![0]).toBeGreaterThan(0);
    expect([first!.verdict, first!.why]).toEqual(['inconclusive', 'its trend is no finding']);
    expect(first!.adjusted).toBeGreaterThanOrEqual(trend!.adjusted!);
  });

  test('a trend is the line through no difference at no sparsity, at its sparsest level', () => {
    const line = [0, 0.2, 0.4, 0.8].map((level) =>
      scored({ level, values: noise(0, 1, 'same').map((value) => value + 3 * level) }),
    );
    const exact = makeClaims(
      line.map((part) => ({ ...part, values: part.values.map((value, i) => value + 1e-3 * i * part.level) })),
      options,
    );
    const trend = exact.claims.find(({ place }) => place.kind === 'trend')!;
    expect(trend.place).toEqual({ kind: 'trend', to: 0.8 });
    expect(trend.comparison.difference).toBeCloseTo(2.4 + 0.8 * 1e-3 * 9.5, 9);
  });

  test('equivalent is what lies within the margin of the study, or of the metric', () => {
    const same = changed('asked', 0, { margin: 0.3 });
    expect(verdicts(same)).toEqual({ asked: ['equivalent', null] });
    expect(verdicts(same, { margins: { asked: 0.01 } }).asked).toEqual([
      'inconclusive',
      'its interval holds zero, and it reaches beyond the margin',
    ]);
    // a difference that is shown is said, however small it is beside the margin
    expect(verdicts(changed('asked', 1), { margins: { asked: 5 } }).asked).toEqual(['different', null]);
    const equal = [0, 0.5].map((level) => scored({ level, values: noise(0, 1, 'same') }));
    expect(verdicts(equal).sparseness).toEqual(['equivalent', null]);
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
    expect([gini('correct-by-both').imageSet, gini('correct-by-both').comparison.n]).toEqual(['correct-by-both', 14]);
    expect(gini('all').elsewhere.map(({ imageSet, comparison }) => [imageSet, comparison.n])).toEqual([
      ['correct-by-all', 14],
      ['correct-by-both', 14],
    ]);
    // images 2 to 15: half of 8.5
    expect(gini('correct-by-all').comparison.difference).toBeCloseTo(4.25, 12);
    expect(gini('correct-by-all').means).toEqual({ treated: expect.closeTo(4.25, 12), reference: 0 });
  });

  /** Each arm gets other images wrong, and a gain has a value of the others alone. */
  const wrong: Readonly<Record<string, number>> = { magnitude: 3, 'trained-on': 2, random: 12 };
  const gains = Object.entries(wrong).flatMap(([arm, from]) =>
    [0, 0.5, 0.7].map((level) => {
      const own = ids(20).slice(level === 0.7 ? from : 0);
      const values = own.map((id) => level * Number(id.slice(4)));
      return scored({ arm, level, node: 'gain', metric: 'gain', comparedOn: 'correct-by-all', ids: own, values });
    }),
  );
  const claimed = (chosen: ClaimOptions['imageSet'] = 'all', more: readonly ScoredSamples[] = []) =>
    makeClaims([...gains, ...more], { ...options, imageSet: chosen }).claims.filter(
      ({ question, place }) => question.metric === 'gain' && place.kind === 'level',
    );
  const sizes = (claims: readonly Claim[]) =>
    claims.map(({ question: { against, level }, imageSet, comparison: { n } }) => [
      ...[level, against.kind === 'dense' ? 'dense' : against.arm, imageSet, n],
    ]);

  test('a metric may ask for images that all models of the compared arms get right, whatever further arms get wrong', () => {
    const expected = [
      [0.5, 'dense', 'correct-by-all', 17],
      [0.5, 'random', 'correct-by-all', 8],
      [0.5, 'trained-on', 'correct-by-all', 17],
      [0.7, 'dense', 'correct-by-all', 17],
      [0.7, 'random', 'correct-by-all', 8],
      [0.7, 'trained-on', 'correct-by-all', 17],
    ];
    expect(sizes(claimed()).sort()).toEqual(expected);
    expect(claimed()[0]!.elsewhere.map(({ imageSet }) => imageSet)).toEqual(['correct-by-both']);
    // the same where accuracy was measured, of other images too
    const accuracy = gains.map(({ arm, level, ids: own }) => {
      const all = [...ids(20), 'other'];
      const values = all.map((id) => Number(own.includes(id)));
      return scored({ node: 'accuracy', metric: 'accuracy', isCorrectness: true, arm, level, ids: all, values });
    });
    expect(sizes(claimed('all', accuracy)).sort()).toEqual(expected);
  });

  test('what a study chooses goes before what a metric asks for', () => {
    expect(sizes(claimed('correct-by-both')).filter(([level]) => level === 0.5)).toEqual([
      [0.5, 'dense', 'correct-by-both', 20],
      [0.5, 'random', 'correct-by-both', 20],
      [0.5, 'trained-on', 'correct-by-both', 20],
    ]);
  });

  test('the answer says which measures are about which images', () => {
    const plain = [0, 0.5, 0.7].flatMap((level) =>
      Object.keys(wrong).map((arm) => scored({ arm, level, values: noise(0, 1, arm, level) })),
    );
    const named = gains.map((part) => ({ ...part, words: { name: 'Gain', meaning: 'What is gained.' } }));
    const scope = (scores: readonly ScoredSamples[]) => wordAnswer(makeClaims(scores, options), new Map())!.scope[1];
    const every = 'images that every model of the compared arms classifies correctly, at every level and in every seed';
    expect(scope([...plain, ...named])).toContain(`by sample, over all images; of Gain, over ${every}. Intervals`);
    expect(scope(named)).toContain(`by sample, over ${every}. Intervals`);
    expect(scope(plain)).toContain('by sample, over all images. Intervals');
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

  test('near-copies of a definition are told and not counted', () => {
    const [claim] = makeClaims(study, options).claims;
    expect(claim!.definitions.map(({ name, copies }) => [name, copies])).toEqual([
      ['reduction=l2', null], // the same differences
      ['reduction=max-abs', undefined], // of the other sign
      ['baseline=black', null], // twice the differences
      ['baseline=black, reduction=l2', null],
    ]);
    expect(definitionCounts(claim!)).toEqual({ distinct: 1, sameSign: 0, copies: 3 });
    expect(definitionsText(claim!)).toBe('0 of 1 other definition (3 near-copies not counted)');
    const values = Object.fromEntries(
      claimColumns({ claims: [claim!], checks: [] }).map((column) => [column.name, column.values[0]]),
    );
    expect(values).toMatchObject({ definitions: 1, definitions_same_sign: 0, definitions_near_copies: 3 });
  });

  test('a copy stands behind the first of its kind, unless samples are too few to tell', () => {
    const values = noise(0, 1, 'pattern', 0);
    const design = (differences: readonly number[]) => ({
      ids: differences.map((_, i) => `${i}`),
      differences: [differences],
    });
    const other = noise(0.2, 1, 'another', 0);
    const noisy = (from: readonly number[], by: number) => from.map((value, i) => value + by * Math.cos(i * i));
    const up = (from: readonly number[]) => from.map((value) => value + 10);
    const asked = [up(other), noisy(up(other), 0.01), noisy(up(values), 0.01), up(noisy(values, 5))];
    expect(nearCopies(design(up(values)), asked.map(design))).toEqual([null, 1, 0, null]);
    const few = asked.map((differences) => design(differences.slice(0, 9)));
    expect(nearCopies(design(up(values).slice(0, 9)), few)).toEqual([null, null, null, null]);
    const constant = design(values.map(() => 1));
    expect(nearCopies(constant, [constant, design(values.map(() => 2))])).toEqual([0, null]);
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

  test('verdict, sentence and table say the same of the same interval', () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(studies, (drawn) => {
        const made = makeClaims(studyOf(drawn), { ...options, margins: { sparseness: 2 } });
        const byId = new Map(made.claims.map((claim) => [claim.id, claim]));
        expect(byId.size).toBe(made.claims.length);
        const answer = wordAnswer(made, new Map())!;
        expect(answer.lead.length).toBeLessThanOrEqual(5);
        const table = new Map(claimColumns(made).map(({ name, values }) => [name, values]));
        for (const [i, claim] of made.claims.entries()) {
          const { verdict, interval, adjusted, margin, comparison, why } = claim;
          reached.add(verdict);
          expect([table.get('low')![i], table.get('high')![i]]).toEqual(interval ?? [null, null]);
          expect([table.get('verdict')![i], table.get('why_inconclusive')![i]]).toEqual([verdict, why]);
          const outside = interval !== null && (interval[0] > 0 || interval[1] < 0);
          if (verdict === 'different') {
            expect(outside).toBe(true);
            expect(adjusted!).toBeLessThanOrEqual(0.05 + 1e-9);
            expect(Math.sign(comparison.difference)).toBe(interval![0] > 0 ? 1 : -1);
          } else if (verdict === 'equivalent' && interval) {
            expect(interval[0] >= -margin! && interval[1] <= margin!).toBe(true);
          } else if (verdict === 'inconclusive') expect(why).toMatch(/./);
          if (interval) {
            expect(interval[0]).toBeLessThanOrEqual(comparison.difference);
            expect(interval[1]).toBeGreaterThanOrEqual(comparison.difference);
          }
        }
        const said = [
          ...answer.lead,
          ...answer.aspects.flatMap(({ sentences }) => sentences.map(({ phrases }) => phrases)),
        ];
        for (const phrases of said) {
          for (const [i, phrase] of phrases.entries()) {
            if (!('claim' in phrase)) continue;
            const claim = byId.get(phrase.claim)!;
            const before = plainText(phrases.slice(0, i))
              .split(/[;:.] /)
              .at(-1)!;
            const word = / (higher|lower)/.exec(` ${before}`)?.[1];
            // a word of direction stands before a finding that points there, and before nothing else
            if (word)
              expect([claim.verdict, claim.comparison.difference > 0]).toEqual(['different', word === 'higher']);
            else expect(claim.verdict === 'different' && /by $/.test(before)).toBe(false);
          }
        }
      }),
      { seed: 11, numRuns: 60 },
    );
    expect([...reached].sort()).toEqual(['different', 'equivalent', 'inconclusive']);
  });

  const leadOf = (parts: readonly ScoredSamples[], more: Partial<ClaimOptions> = {}) =>
    wordAnswer(makeClaims(parts, { ...options, ...more }), new Map())!.lead.map((phrases) =>
      plainText(phrases).replaceAll('\u202f', ' '),
    );
  const sentences = (parts: readonly ScoredSamples[]) =>
    wordAnswer(makeClaims(parts, options), new Map())!.aspects.flatMap((aspect) =>
      aspect.sentences.map(({ phrases }) => plainText(phrases).replaceAll('\u202f', ' ')),
    );

  test('a metric of another package is called and written as it says itself', () => {
    const words = { name: 'Energy of the maps', meaning: 'Sum of squares.', unit: 'J' };
    const study = [0, 0.7].map((level) =>
      scored({ metric: 'map-energy', words, level, values: noise(level, 0.1, level) }),
    );
    expect(leadOf(study)[0]).toMatch(
      /^Held against the dense network, pruning changed 1 of 1 endpoint: Energy of the maps is higher by \+0\.\d+ J \(\+0\.\d+ to \+0\.\d+\) at 70 %\.$/,
    );
    const share = { ...words, unit: '%' };
    expect(leadOf(study.map((part) => ({ ...part, words: share })))[0]).toMatch(/higher by \+[\d.]+ points \(/);
  });

  test('of models that are not as sparse as labelled, sentences give what was counted', () => {
    const counted = { considered: 0.0002, labelHolds: false };
    const study = [
      scored({ level: 0, values: noise(0, 0.01, 'dense') }),
      scored({ level: 0.3, considered: 0.3, values: noise(0.1, 0.01, 'held') }),
      scored({ level: 0.7, ...counted, values: noise(0.1, 0.01, 'regrown') }),
    ];
    const caution = (parts: readonly ScoredSamples[]) => wordAnswer(makeClaims(parts, options), new Map())!.caution;
    expect(caution(study)).toBe(
      'Some models are not as sparse as labelled. The sentences give what was counted: 0.02\u202f% (labelled 70\u202f%).',
    );
    expect(sentences(study)[0]).toContain('at 30 % and 0.02 % (labelled 70 %), by');
    expect(caution(study.slice(0, 2))).toBe(null);
    const seeds = study.flatMap((part) => [part, { ...part, seed: 1, considered: part.level === 0.7 ? 0.1 : null }]);
    expect(caution(seeds)).toContain('0.02\u202f% to 10\u202f% (labelled');
  });

  test('a study read aloud: its own question, what is equivalent, what is open, further controls, and dense as background', () => {
    const own = (metric: string, arm: string, level: number, mean: number, spread = 0.01) =>
      scored({
        ...{ metric, words: { name: metric, meaning: 'A measure.' }, arm, level, isMatched: arm === 'trained-on' },
        values: noise(mean, spread, metric, arm, level),
      });
    const measure = (metric: string, change: number, spread?: number) => [
      own(metric, 'magnitude', 0, 0.5, spread),
      ...[0.3, 0.7].flatMap((level) => [
        own(metric, 'magnitude', level, 0.5 + change * level, spread),
        own(metric, 'random', level, 0.4, spread),
        own(metric, 'trained-on', level, 0.5, spread),
      ]),
    ];
    const study = [...measure('Gini', -0.2), ...measure('Steady', 0), ...measure('Loose', 0, 0.3)];
    expect(leadOf(study, { margins: { Steady: 0.05, Loose: 0.05 } })).toMatchInlineSnapshot(`
      [
        "Held against networks that were trained on but not pruned (“trained-on”), pruning changed 1 of 3 endpoints: Gini is lower by −0.1395 (−0.1457 to −0.1334) at 70 %, differing at every level.",
        "Equivalent: Steady (within ±0.05).",
        "Inconclusive: Loose, −0.15 (−0.43 to +0.14), where 0.36 would have been found.",
        "Of the same endpoints, against “random” 2 of 3 differ, most of all Steady, higher by +0.103 (+0.091 to +0.115) at 30 %.",
        "As background, 1 of 3 differ from the dense network, which had less training: such a difference need not be pruning’s.",
      ]
    `);
    expect(sentences(study)[0]).toMatchInlineSnapshot(
      `"Gini: by its trend lower, by −0.1395 (−0.1457 to −0.1334) at 70 %; lower at every level, by −0.1391 (−0.1488 to −0.1293) at 70 %. Against dense: lower at every level, by −0.1408 (−0.1493 to −0.1323) at 70 %. Against “random”: higher at 30 %, by +0.036 (+0.025 to +0.047); lower at 70 %, by −0.0361 (−0.0451 to −0.0271)."`,
    );
  });

  test('seeds are said, and what is too few is said', () => {
    const study = [0, 1].flatMap((seed) => [0, 0.5].map((level) => scored({ seed, level, values: [level, 1, 2] })));
    const answer = wordAnswer(makeClaims(study, options), new Map())!;
    expect(answer.scope[0]).toBe(
      '2 training seeds: the sentences are about networks trained like these, as far as so few can tell.',
    );
    expect(sentences(study)).toEqual(['Gini index: inconclusive at 50 %: 3 samples are too few.']);
    expect(leadOf(study)).toEqual([
      'Held against the dense network, none of 1 endpoint is shown to differ after pruning.',
      'Inconclusive: Gini index, +0.17: 3 samples are too few.',
    ]);
  });

  test('one sample that outweighs all others is said', () => {
    const values = [...Array.from({ length: 9 }, (_, i) => 1e-9 * (i % 2 === 0 ? i : -i)), 0.0066];
    const study = [
      scored({ level: 0, values: values.map(() => 0.5) }),
      scored({ level: 0.5, values: values.map((value) => 0.5 + value) }),
    ];
    expect(sentences(study)).toEqual(['Gini index: inconclusive at 50 %: one of 10 samples outweighs all others.']);
  });
});
