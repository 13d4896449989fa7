import { findingsOf, fingerprintOf, imageSizeOf, memoryOf, passesOf, plainServices } from '@espalier/core';
import { expect, test } from 'vitest';

const by = 'my/plugin';
const returns = (value: unknown) => () => value as never; // as JavaScript would
const use = { height: 8, width: 8 };
const known = { folder: '.' };

test.each<readonly [title: string, ask: () => unknown, found: string]>([
  [
    'findings that are a text',
    () => findingsOf({ check: returns('wrong') }, by, {}, { folder: '.' }),
    '"findings" to be a list; found "wrong"',
  ],
  [
    'a finding without text',
    () => findingsOf({ check: returns([{ path: [] }]) }, by, {}, { folder: '.' }),
    '"text" to be a text; found undefined',
  ],
  [
    'a finding at no path',
    () => findingsOf({ check: returns([{ path: [{}], text: 'a' }]) }, by, {}, { folder: '.' }),
    '"path" of names and whole numbers',
  ],
  [
    'a fingerprint that is no text',
    () => fingerprintOf({ fingerprint: returns(undefined) }, by, {}, plainServices()),
    '"fingerprint" to be a text; found undefined',
  ],
  [
    'a size between pixels',
    () => imageSizeOf({ imageSize: returns({ height: 8, width: 7.5 }) }, by, {}, { folder: '.' }),
    '"width" to be a whole number, at least 1; found 7.5',
  ],
  ['no size', () => imageSizeOf({ imageSize: returns(null) }, by, {}, { folder: '.' }), 'an object; found null'],
  [
    'a memory that is no number',
    () => memoryOf({ memory: returns(Number.NaN) }, by, {}, use, known),
    'a finite number of at least 0; found NaN',
  ],
  [
    'half a pass',
    () => passesOf({ passes: returns({ forward: 0.5 }) }, by, {}, { folder: '.' }),
    '"forward" to be a whole number, at least 0; found 0.5',
  ],
])('%s is refused, by the name of the plugin', async (_title, ask, found) => {
  const error: unknown = await Promise.resolve()
    .then(ask)
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'core/plugin-invalid' });
  expect(String(error)).toContain(`my/plugin does not keep the promises of its port`);
  expect(String(error)).toContain(found);
});

test('what is sound is taken, and what is not declared is not asked', async () => {
  const finding = { path: ['levels', 0], text: 'Expected less.' };
  expect(findingsOf({ check: returns([finding]) }, by, {}, { folder: '.' })).toEqual([finding]);
  expect(findingsOf({}, by, {}, { folder: '.' })).toEqual([]);
  expect(await fingerprintOf({ fingerprint: returns('abc') }, by, {}, plainServices())).toBe('abc');
  expect(await fingerprintOf({}, by, {}, plainServices())).toBeNull();
  expect([
    imageSizeOf({ imageSize: returns(use) }, by, {}, { folder: '.' }),
    imageSizeOf({}, by, {}, { folder: '.' }),
  ]).toEqual([use, undefined]);
  const passes = (found?: object) => passesOf(found ? { passes: returns(found) } : {}, by, {}, { folder: '.' });
  expect(passes({ gradient: 3 })).toEqual({ forward: 0, gradient: 3 });
  expect([passes(), passes({ forward: undefined })]).toEqual([undefined, undefined]);
  expect([memoryOf({ memory: returns(3) }, by, {}, use, known), memoryOf({}, by, {}, use, known)]).toEqual([
    3,
    undefined,
  ]);
});
