import { deriveSeed, philox, randomStream, sampleStreams } from '@espalier/core';
import { expect, test } from 'vitest';

// Known answers of Random123's kat_vectors for philox4x32-10: counter, key, block.
const known: readonly [readonly number[], readonly number[], readonly number[]][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [Array(4).fill(0xffffffff), Array(2).fill(0xffffffff), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

test.each(known)('philox4x32-10 of counter %j and key %j', (counter, key, block) => {
  const out = new Uint32Array(4);
  const [c0, c1, c2, c3, k0, k1] = [...counter, ...key] as [number, number, number, number, number, number];
  philox(c0, c1, c2, c3, k0, k1, out);
  expect([...out]).toEqual(block);
});

test('a stream depends on its seed and labels only', () => {
  const draw = (seed: number, ...labels: (string | number)[]) => randomStream(seed, ...labels).uint32();
  expect(draw(1, 'a', 2)).toBe(draw(1, 'a', 2));
  expect(new Set([draw(1, 'a', 2), draw(2, 'a', 2), draw(1, 'b', 2), draw(1, 'a2'), draw(1, 'a', '2')]).size).toBe(5);
  expect(deriveSeed(7, 'x')).not.toBe(deriveSeed(7, 'y'));
  expect(Number.isSafeInteger(deriveSeed(7, 'x'))).toBe(true);
});

test('normal numbers have mean 0, variance 1 and 4.55 % beyond two standard deviations', () => {
  const stream = randomStream(0, 'normal');
  const values = Array.from({ length: 40_000 }, () => stream.normal());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  // Four standard errors of each statistic for 40,000 draws.
  expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(40_000));
  expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / 40_000));
  const beyond = values.filter((value) => Math.abs(value) > 2).length / values.length;
  expect(Math.abs(beyond - 0.0455)).toBeLessThan(4 * Math.sqrt((0.0455 * 0.9545) / 40_000));
});

test('integers are uniform below a limit that does not divide 2^32', () => {
  const stream = randomStream(3, 'integer');
  const counts = [0, 0, 0];
  for (let i = 0; i < 30_000; i++) counts[stream.integer(3)]!++;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(4 * Math.sqrt(30_000 * (2 / 9)));
});

test('a shuffle keeps every item and leaves the original alone', () => {
  const items = Array.from({ length: 50 }, (_, i) => i);
  const shuffled = randomStream(0, 'shuffle').shuffled(items);
  expect(shuffled).not.toEqual(items);
  expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
});

test('the streams of samples hang on seed, purpose and id, not on who is beside them', () => {
  const draw = (seed: number, ids: readonly string[], purpose = 'noise') =>
    sampleStreams(seed, ids, ids.length, purpose).map((stream) => stream.uint32());
  const [a, b] = draw(1, ['a', 'b']) as [number, number]; // one for each
  expect(draw(1, ['b', 'a', 'a'])).toEqual([b, a, a]);
  expect(new Set([a, b, ...draw(2, ['a', 'b']), ...draw(1, ['a', 'b'], 'masks')]).size).toBe(6);
});

test.each([
  [undefined, 'found none'],
  [['a'], 'found 1'],
])('noise without an id for every image is refused: %j', (ids, found) => {
  expect(() => sampleStreams(1, ids, 2)).toThrow(`expected 2 ids, one per image, ${found}. Hand the sample ids`);
  expect(() => sampleStreams(1, ids, 2)).toThrow(expect.objectContaining({ code: 'core/shape-mismatch' }));
});
