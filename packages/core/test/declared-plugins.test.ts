import { expect, test } from 'vitest';
import * as z from 'zod';
import { apiVersion, declaredPlugins, definePlugin } from '../src/index.ts';

const plugin = definePlugin({
  kind: 'pruner',
  name: 'mine',
  cacheVersion: '1',
  source: { title: 'None', url: 'https://example.org', departures: [] },
  options: z.strictObject({ epochs: z.int() }),
  create: () => {
    throw new Error('Nothing is made of it here.');
  },
});

test('the plugins of a package are taken by name where each has the shape of one', () => {
  expect([...declaredPlugins({ apiVersion, plugins: [plugin] }, 'a-package')]).toEqual([['mine', plugin]]);
});

test.each<readonly [exports: unknown, problem: string]>([
  [undefined, 'it has no export "plugins" (it exports nothing)'],
  [{ apiVersion, plugins: [] }, 'its export "plugins" is empty'],
  [{ apiVersion, plugins: [null] }, 'entry 0 of its "plugins" is not an object: null'],
  [{ apiVersion, plugins: [plugin, plugin] }, 'two of its plugins are called "mine"'],
  [{ apiVersion, plugins: [{ ...plugin, create: 3 }] }, 'entry 0 of its "plugins" ("mine") has no "create" function'],
  [
    { apiVersion, plugins: [{ ...plugin, options: z.object({}) }] },
    'has options that are not strict; write them with z.strictObject',
  ],
])('%o is refused', (exports, problem) => {
  expect(() => declaredPlugins(exports, 'a-package')).toThrow(problem);
});

test('an option that every plugin of the kind has already is refused', () => {
  expect(() => declaredPlugins({ apiVersion, plugins: [plugin] }, 'a-package', () => ['epochs'])).toThrow(
    '("mine") has an option "epochs", which every pruner already has from the runner',
  );
});

test.each<readonly [exports: unknown, text: string]>([
  [
    { apiVersion: 'plugin/v2', plugins: [] },
    'The package "a-package" was written for the contract "plugin/v2"; this Espalier has "plugin/v1". Install the version of the package that is for this Espalier, or an Espalier that is for this package.',
  ],
  [
    { plugins: [plugin] },
    `The package "a-package" does not say which contract it was written for. Write it beside "plugins": export const apiVersion = 'plugin/v1';`,
  ],
  [{ apiVersion: 1, createPlugins: () => [] }, 'was written for the contract 1; this Espalier has "plugin/v1".'],
])('a package of another contract is refused before its plugins are looked at: %o', (exports, text) => {
  expect(() => declaredPlugins(exports, 'a-package')).toThrow(text);
});
