import { type RandomStream, randomStream } from '@espalier/core';
import { comparePaired, crossSeeds, type PairedDesign } from '@espalier/numerics';
import { describe, expect, test } from 'vitest';

const ids = (count: number) => Array.from({ length: count }, (_, i) => `image-${i}`);
const design = (...differences: readonly (readonly number[])[]): PairedDesign => ({
  ids: ids(differences[0]!.length),
  differences,
});
const options = { resamples: 1999, seed: 1 };
const compareOne = (table: PairedDesign, changes = {}) => comparePaired([table], { ...options, ...changes })[0]!;

function drawn(count: number, draw: (stream: RandomStream) => number, seed = 1): number[] {
  const stream = randomStream(seed, 'drawn');
  return Array.from({ length: count }, () => draw(stream));
}

describe('pairing', () => {
  test('pairs by id, keeps what every seed has, in the order of the first', () => {
    const of = (order: string, values: readonly number[]) => ({ ids: [...order], values });
    const seeds = [
      { treated: of('cab', [3, 1, 2]), reference: of('abcd', [10, 20, 30, 40]) },
      { treated: of('abc', [7, 8, 9]), reference: of('cb', [1, 2]) },
    ];
    expect(crossSeeds(seeds)).toEqual({
      ids: ['c', 'b'],
      isBinary: false,
      differences: [
        [-27, -18],
        [8, 6],
      ],
    });
    expect(crossSeeds(seeds, (id) => id === 'b').ids).toEqual(['b']);
    expect(crossSeeds([])).toEqual({ ids: [], differences: [], isBinary: true });
  });

  test('a sample that is there twice is refused', () => {
    const twice = { ids: ['a', 'a'], values: [1, 2] };
    expect(() => crossSeeds([{ treated: twice, reference: twice }])).toThrow(
      'Paired statistics need one value per sample and every sample once; found 2 values for 2 ids, 1 of them ' +
        'different. A metric returns one value per sample.',
    );
  });
});

describe('comparing', () => {
  test('interval and p agree: p is at most 5 % exactly where the interval leaves zero out', () => {
    let outside = 0;
    for (let seed = 0; seed < 60; seed++) {
      const tied = (shift: number) => (stream: RandomStream) =>
        stream.uniform() < 0.4 ? 0 : Math.round(3 * stream.normal() + shift) / 10;
      const tables = [
        design(drawn(25, (stream) => stream.normal() + 0.4, seed)),
        design(drawn(40, tied(1), seed)),
        design(drawn(30, tied(1), seed), drawn(30, tied(1), seed + 100), drawn(30, tied(1), seed + 200)),
      ];
      for (const { interval, p } of comparePaired(tables, options)) {
        const excludesZero = interval![0] > 0 || interval![1] < 0;
        expect(p! <= 0.05).toBe(excludesZero);
        if (excludesZero) outside++;
      }
    }
    expect(outside).toBeGreaterThan(20); // both cases were reached
    expect(outside).toBeLessThan(160);
  });

  test('the interval of level 1 - p is the first that leaves zero out', () => {
    for (let seed = 0; seed < 20; seed++) {
      const several = design(
        drawn(30, (stream) => stream.normal() + 0.3, seed),
        drawn(30, (stream) => stream.normal() + 0.5, seed + 100),
      );
      const { p } = compareOne(several);
      const reaches = (level: number) => {
        const [low, high] = comparePaired([several], { ...options, level })[0]!.interval!;
        return low <= 0 && high >= 0;
      };
      expect(reaches(1 - p! * (1 - 1e-9))).toBe(true);
      expect(reaches(1 - p! * (1 + 1e-9))).toBe(false);
    }
  });

  test('swapping the models turns every sign and nothing else', () => {
    const values = drawn(30, (stream) => stream.normal() ** 2 - 0.5);
    const [there, back] = comparePaired([design(values), design(values.map((value) => -value))], options);
    expect(back!.difference).toBeCloseTo(-there!.difference, 12);
    expect(back!.p).toBeCloseTo(there!.p!, 9);
    expect(back!.interval!.map((end) => -end).reverse()).toEqual(there!.interval!.map((end) => expect.closeTo(end, 9)));
    expect(back!.dominance).toBeCloseTo(-there!.dominance, 12);
  });

  test('is the same however many comparisons stand beside it, and another seed draws anew', () => {
    const table = design(drawn(20, (stream) => stream.normal()));
    const [first] = comparePaired([design(drawn(20, (stream) => stream.uniform())), table], options).slice(1);
    expect(first).toEqual(compareOne(table));
    expect(compareOne(table, { seed: 2 }).interval).not.toEqual(first!.interval);
  });

  test('right and wrong, one seed: Tango and McNemar', () => {
    const result = compareOne(design([...Array(12).fill(1), ...Array(5).fill(-1), ...Array(83).fill(0)]));
    expect(result.method).toBe('score-and-mcnemar');
    expect(result.interval).toEqual([expect.closeTo(-0.011863, 5), expect.closeTo(0.157416, 5)]);
    // 7 / sqrt(17) = 1.698, two-sided; the exact test has 0.143
    expect(result.p).toBeCloseTo(0.08956, 4);
    expect([result.higher, result.lower]).toEqual([0.12, 0.05]);
  });

  test('seeds that disagree widen the interval beyond any number of samples', () => {
    const noise = (seed: number) => drawn(200, (stream) => 0.1 * stream.normal(), seed);
    const agreeing = design(...[0.2, 0.2, 0.2].map((shift, s) => noise(s).map((value) => value + shift)));
    const disagreeing = design(...[0.1, 0.2, 0.3].map((shift, s) => noise(s).map((value) => value + shift)));
    const [same, different] = comparePaired([agreeing, disagreeing], options);
    expect([same!.method, same!.seeds, same!.n]).toEqual(['seeds-and-bootstrap', 3, 200]);
    expect(same!.p).toBeLessThan(0.05);
    // t with two degrees of freedom times the standard error of three seeds, 0.1 / sqrt(3): 0.248, but for the noise in three means
    const half = (different!.interval![1] - different!.interval![0]) / 2;
    expect(half).toBeGreaterThan(0.22);
    expect(half).toBeLessThan(0.3);
    expect(different!.p).toBeGreaterThan(0.05);
  });

  describe('draws that all seeds share', () => {
    /** 30 samples x 10 draws in each of `seeds`: true difference 0, and a draw moves all samples of all seeds alike. */
    function study(seeds: number, ofDraws: number, stream: RandomStream) {
      const normal = (count: number, size: number) => Array.from({ length: count }, () => size * stream.normal());
      const [image, draw] = [normal(30, 0.3), normal(10, ofDraws)];
      return normal(seeds, 0.05).map((seed) => {
        const byDraw = draw.map((shared) => image.map((value) => value + shared + seed + 0.2 * stream.normal()));
        const values = image.map((_, i) => byDraw.reduce((sum, row) => sum + row[i]!, 0) / 10);
        const none = { ids: ids(30), values: image.map(() => 0), byDraw: byDraw.map((row) => row.map(() => 0)) };
        return { treated: { ids: ids(30), values, byDraw }, reference: none };
      });
    }

    /** In how many of 200 studies the 95 % interval holds the truth, with draws and without. */
    function coverage(seeds: number, ofDraws: number): readonly [drawn: number, fixed: number] {
      const stream = randomStream(7, 'shared-draws', seeds, ofDraws);
      const designs = Array.from({ length: 200 }, () => crossSeeds(study(seeds, ofDraws, stream)));
      const covered = (tables: readonly PairedDesign[]) =>
        comparePaired(tables, { resamples: 199, seed: 1 }).filter(
          ({ interval }) => interval![0] <= 0 && interval![1] >= 0,
        ).length / 200;
      return [covered(designs), covered(designs.map(({ byDraw: _, ...fixed }) => fixed))];
    }

    // Four standard errors of 200 studies at 95 % are 6 points.
    test.each([1, 3])(
      'their effect is in the interval, of %s seeds; the mean over draws taken as fixed misses it',
      (seeds) => {
        const [drawn, fixed] = coverage(seeds, 0.4);
        expect(drawn).toBeGreaterThan(0.89);
        expect(fixed).toBeLessThan(0.85);
      },
    );

    test('draws that do nothing widen nothing much', () => {
      const stream = randomStream(3, 'idle-draws');
      const table = crossSeeds(study(3, 0, stream));
      const { byDraw: _, ...without } = table;
      const [all, fixed] = comparePaired([table, without], options).map(({ interval }) => interval![1] - interval![0]);
      expect(all! / fixed!).toBeLessThan(1.15);
    });

    test('without as many draws on every side, or with one, nothing is known of them', () => {
      const [one] = study(1, 0.4, randomStream(1, 'few'));
      const { treated, reference } = one!;
      const { byDraw: _, ...plain } = reference;
      expect(crossSeeds([{ treated, reference: plain }]).byDraw).toBe(undefined);
      const single = (side: typeof treated) => ({ ...side, byDraw: side.byDraw.slice(0, 1) });
      expect(crossSeeds([{ treated: single(treated), reference: single(reference) }]).byDraw).toBe(undefined);
      expect(crossSeeds([{ treated, reference }]).byDraw).toHaveLength(10);
    });
  });

  test('says that it cannot tell: few samples, or few that differ', () => {
    expect(compareOne(design(drawn(9, (stream) => stream.normal())))).toMatchObject({
      method: 'none',
      interval: null,
      p: null,
    });
    const rare = [...Array(46).fill(0), 0.5, 0.5, 0.5, 0.5];
    expect(compareOne(design(rare))).toMatchObject({ method: 'none', interval: null, p: null, higher: 0.08 });
    expect(compareOne(design([0.5]))).toMatchObject({ difference: 0.5, method: 'none', n: 1 });
    expect(compareOne({ ids: [], differences: [[]] })).toMatchObject({ method: 'none', n: 0, p: null });
  });

  test('says that it cannot tell where one sample outweighs all others', () => {
    const tiny = [3, -1, 2, -2, 1, 4, -3, 2, -1].map((value) => value * 1e-9);
    expect(compareOne(design([...tiny, -0.0066]))).toMatchObject({ method: 'none', interval: null, p: null, n: 10 });
    expect(compareOne(design([...tiny, 5e-9]))).toMatchObject({ method: 'studentised-bootstrap' });
  });

  test('two equal models differ nowhere: p is 1', () => {
    expect(compareOne(design(Array(30).fill(0), Array(30).fill(0)))).toMatchObject({
      difference: 0,
      interval: null,
      p: 1,
    });
    expect(compareOne(design(Array(30).fill(0)))).toMatchObject({ difference: 0, p: 1, method: 'score-and-mcnemar' });
  });

  test('a seed without any spread between samples still carries its own', () => {
    const result = compareOne(design(Array(20).fill(0.25), Array(20).fill(0.25)));
    expect(result.interval![0]).toBeCloseTo(0.25, 12);
  });

  test('a higher level is a wider interval', () => {
    const table = design(drawn(50, (stream) => stream.normal()));
    const width = (level: number) => {
      const [low, high] = compareOne(table, { level }).interval!;
      return high - low;
    };
    expect(width(0.99)).toBeGreaterThan(width(0.95));
    expect(width(0.95)).toBeGreaterThan(width(0.5));
  });
});

describe('a short calibration (the long one is npm run calibrate)', () => {
  const repetitions = 200;
  const holds = (draw: (stream: RandomStream) => number, mean: number, count: number) => {
    const tables = Array.from({ length: repetitions }, (_, r) => design(drawn(count, draw, 1000 + r)));
    const results = comparePaired(tables, { resamples: 499, seed: 1 });
    return (
      results.filter(({ interval }) => interval && interval[0] <= mean && mean <= interval[1]).length / repetitions
    );
  };

  test('intervals of skewed and of tied differences cover the known effect', () => {
    // five standard errors of 200 repetitions at 95 % reach down to 87 %; a percentile interval of half the width does not
    expect(holds((stream) => -Math.log1p(-stream.uniform()) - 0.8, 0.2, 40)).toBeGreaterThan(0.87);
    expect(
      holds((stream) => (stream.uniform() < 0.6 ? 0 : Math.round(3 * stream.uniform()) / 10), 0.06, 60),
    ).toBeGreaterThan(0.87);
  });
});
