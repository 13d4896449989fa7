import { compareResults, findingOf, type RecordedClaim, readResults } from '@espalier/analysis';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pairUp } from '../src/comparing/pairing.ts';
import { madeClaim, madeLevel, madeResults, resultsText } from './made-results.ts';

interface Thing {
  readonly about: string;
  readonly how: string;
}

const identity = { about: ({ about }: Thing) => about, how: ({ how }: Thing) => how };

/** The same rule, slow: every item looks at every other. */
function pairedSlowly(first: readonly Thing[], second: readonly Thing[]) {
  const taken = new Set<Thing>();
  const exact = first.map((a) => {
    const b = second.find((one) => !taken.has(one) && one.about === a.about && one.how === a.how) ?? null;
    if (b) taken.add(b);
    return { a, b };
  });
  const left = (own: Thing) => ({
    before: exact.filter(({ a, b }) => b === null && a.about === own.about).map(({ a }) => a),
    after: second.filter((one) => !taken.has(one) && one.about === own.about),
  });
  const isLast = (own: Thing) => left(own).before.length === 1 && left(own).after.length === 1;
  return [
    ...exact.map(({ a, b }) => ({ a, b: b ?? (isLast(a) ? left(a).after[0]! : null) })),
    ...second.filter((one) => !taken.has(one) && !isLast(one)).map((b) => ({ a: null, b })),
  ];
}

const things = fc
  .array(fc.record({ about: fc.constantFrom('x', 'y', 'z'), how: fc.constantFrom('1', '2', '3') }), { maxLength: 9 })
  .map((list) => list.map((thing, place) => ({ ...thing, place })));

describe('which things of two runs are one', () => {
  test('each is in one pair; those measured alike first, then the last of each that are about the same', () => {
    fc.assert(
      fc.property(things, things, (first, second) => {
        const pairs = pairUp<Thing>(first, second, identity);
        const key = (pair: object) => JSON.stringify(pair);
        expect(pairs.map(key).sort()).toEqual(pairedSlowly(first, second).map(key).sort());
        expect(pairs.flatMap(({ a }) => a ?? [])).toHaveLength(first.length);
        expect(pairs.flatMap(({ b }) => b ?? [])).toHaveLength(second.length);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  test('a pair with itself is everything beside itself', () => {
    const results = madeResults({ claims: { claims: [madeClaim(), madeClaim({ metric: 'other' })] } });
    const { differing, agreeing, single } = compareResults(results, results);
    expect([differing, single]).toEqual([[], []]);
    expect(agreeing).toHaveLength(2);
    for (const { a, b } of agreeing) expect(a).toBe(b);
  });
});

function compared(first: readonly RecordedClaim[], second: readonly RecordedClaim[]) {
  return compareResults(
    madeResults({ claims: { claims: [...first] } }),
    madeResults({ claims: { claims: [...second] } }),
  );
}

describe('claims of two runs', () => {
  test('a claim is the same by metric, explainer, labels, arm, reference and level', () => {
    const changes: readonly Partial<RecordedClaim>[] = [
      { metric: 'other' },
      { explainer: 'own/maps' },
      { labels: 'part=1' },
      { arm: 'random' },
      { against: { kind: 'control', arm: 'dense' } },
      { place: { kind: 'level', level: 0.7 } },
      { place: { kind: 'trend', to: 0.5 } },
    ];
    for (const change of changes) {
      const { single, differing, agreeing } = compared([madeClaim()], [madeClaim(change)]);
      expect([single.length, differing.length, agreeing.length], JSON.stringify(change)).toEqual([2, 0, 0]);
    }
  });

  test('a trend is one over all levels, and a claim under another preset is held beside the only one there is', () => {
    const trends = compared(
      [madeClaim({ place: { kind: 'trend', to: 0.5 } })],
      [madeClaim({ place: { kind: 'trend', to: 0.8 } })],
    );
    expect(trends.agreeing).toHaveLength(1);
    expect(compared([madeClaim()], [madeClaim({ preset: 'other' })]).agreeing).toHaveLength(1);
    const three = compared([madeClaim(), madeClaim({ preset: 'x' })], [madeClaim({ preset: 'y' })]);
    expect(three.single).toHaveLength(3); // which of them is meant, nobody says
  });

  test('a difference the other way is another finding; more of it is none', () => {
    const higher = madeClaim();
    const lower = madeClaim({ difference: -0.1, interval: [-0.15, -0.05] });
    expect([findingOf(higher), findingOf(lower)]).toEqual(['higher', 'lower']);
    expect(compared([higher], [lower]).differing).toHaveLength(1);
    expect(compared([higher], [madeClaim({ difference: 0.9 })]).differing).toHaveLength(0);
    expect(compared([higher], [madeClaim({ verdict: 'equivalent' })]).differing).toHaveLength(1);
    expect(compared([higher], [madeClaim({ verdict: 'inconclusive', why: 'no' })]).differing).toHaveLength(1);
  });

  test('endpoints stand first, also where only one run calls it one', () => {
    const [plain, asked] = [madeClaim({ metric: 'a', name: 'A' }), madeClaim({ metric: 'z', name: 'Z' })];
    const secondary = (claim: RecordedClaim): RecordedClaim => ({
      ...claim,
      family: 'secondary',
      verdict: 'equivalent',
    });
    const { differing } = compared([{ ...plain, family: 'secondary' }, asked], [secondary(plain), secondary(asked)]);
    expect(differing.map(({ a }) => a!.metric)).toEqual(['z', 'a']);
  });
});

describe('measures of two runs', () => {
  test('levels of both are kept in order, arms beside each other, the treated arm first, what was not asked for last', () => {
    const levels = (variant: string, ...at: number[]) => at.map((x) => madeLevel(x, x, { variant }));
    const beside = madeLevel(0.5, 1, { metric: 'cost', name: 'Cost' });
    const a = madeResults({ levels: [beside, ...levels('control', 0.5), ...levels('pruned', 0.5, 0.3)] });
    const b = madeResults({ levels: [...levels('pruned', 0.7), beside] });
    const { measures } = compareResults(a, b);
    expect(measures.map(({ metric, isAsked }) => [metric, isAsked])).toEqual([
      ['steadiness', true],
      ['cost', false],
    ]);
    const places = measures[0]!.arms.map(({ a: own, b: other }) =>
      [own, other].map((series) => series?.levels.map(({ sparsity }) => sparsity.position) ?? null),
    );
    expect(places).toEqual([
      [[0.3, 0.5], [0.7]],
      [[0.5], null],
    ]);
  });

  test('what has no place on the sparsity axis is not drawn', () => {
    const nowhere = madeLevel(0, 1, { sparsity: { nominal: null, position: null } });
    expect(compareResults(madeResults({ levels: [nowhere] }), madeResults()).measures).toEqual([]);
  });
});

describe('results from anybody', () => {
  const told = (text: string) => {
    try {
      readResults(text, 'x/results.json');
    } catch (error) {
      const { code, message } = error as { code: string; message: string }; // a StudyError
      return `[${code}] ${message}`;
    }
    return 'read';
  };

  test('are read as they were written', () => {
    const results = madeResults({ levels: [madeLevel(0.5, 1)] });
    expect(readResults(resultsText({ ...results, more: 1 }), 'x')).toEqual(results);
  });

  test('what is not results, of another format or misshapen is told in one sentence with its place', () => {
    const bad = madeResults({ claims: { claims: [madeClaim(), madeClaim({ verdict: 'proven' as 'different' })] } });
    const curve = { x: 'x', y: 'y', at: [1, 2], mean: [1], half: [null, null] };
    expect([
      told('{'),
      told('null'),
      told('{"format":"espalier-results/v1"}'),
      told('{"format":"espalier-results/<b>"}'),
      told(resultsText(bad)),
      told(resultsText(madeResults({ levels: [madeLevel(0, 1, { curve })] }))),
      told(resultsText(madeResults()).replace('"seed":1', '"seed":1e999')),
    ]).toMatchInlineSnapshot(`
      [
        "[analysis/results-invalid] x/results.json is not readable as JSON, as the results.json of a report is. Give the file as the report wrote it.",
        "[analysis/results-invalid] x/results.json is not the results.json of a report: it does not say "format": "espalier-results/v2". Give what a report wrote.",
        "[analysis/results-format] x/results.json has results of the format espalier-results/v1; this version of Espalier compares espalier-results/v2. Run its study again with this version.",
        "[analysis/results-invalid] x/results.json is not the results.json of a report: it does not say "format": "espalier-results/v2". Give what a report wrote.",
        "[analysis/results-invalid] x/results.json is not as a report writes it: at /claims/claims/1/verdict, invalid option: expected one of "different"|"equivalent"|"inconclusive". Take the file as it was written, or run its study again.",
        "[analysis/results-invalid] x/results.json is not as a report writes it: at /levels/0/curve, expected as many means and halves as positions, and at least one. Take the file as it was written, or run its study again.",
        "[analysis/results-invalid] x/results.json is not as a report writes it: at /seed, invalid input: expected number, received Infinity. Take the file as it was written, or run its study again.",
      ]
    `);
  });
});
