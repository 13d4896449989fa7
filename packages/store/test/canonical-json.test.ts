import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../src/index.ts';

/** The slow way: objects rebuilt with their keys in order, then written by JSON itself. */
function twin(value: unknown): string {
  const sorted = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(sorted);
    if (typeof part !== 'object' || part === null) return part;
    // Index-like keys come first in any object of JavaScript, whatever the order they were put in.
    const entries = Object.entries(part).map(([key, item]) => [`key ${key}`, sorted(item)] as const);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return JSON.stringify(sorted(value)).replaceAll('"key ', '"');
}

test('it is JSON with sorted keys, whatever the order they were written in', () => {
  const word = fc.string().filter((text) => !text.includes('key '));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      word,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(word, tie('value'), { noNullPrototype: false }),
    ),
  }));
  fc.assert(
    fc.property(value, (any) => {
      const text = canonicalJson(any);
      expect(text).toBe(twin(any));
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(any)));
    }),
  );
  expect(canonicalJson({ b: [1, { z: 0, a: '' }], 10: 'x', 9: 'y', a: undefined })).toBe(
    '{"10":"x","9":"y","b":[1,{"a":"","z":0}]}',
  );
});

test('what JSON leaves out or cannot say', () => {
  expect(canonicalJson([undefined, null, ''])).toBe('[null,null,""]');
  expect(canonicalJson(undefined)).toBe('null');
  expect(() => canonicalJson({ loss: Number.NaN })).toThrow('Expected a number that JSON can hold, found NaN.');
  expect(() => canonicalJson([Number.POSITIVE_INFINITY])).toThrow('found Infinity');
});
