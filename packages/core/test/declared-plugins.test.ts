import { expect, test } from 'vitest';
import * as z from 'zod';
import { declaredPlugins, definePlugin } from '../src/index.ts';

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
  expect([...declaredPlugins({ plugins: [plugin] }, 'a-package')]).toEqual([['mine', plugin]]);
});

test.each<readonly [exports: unknown, problem: string]>([
  [undefined, 'it has no export "plugins" (it exports nothing)'],
  [{ plugins: [] }, 'its export "plugins" is empty'],
  [{ plugins: [null] }, 'entry 0 of its "plugins" is not an object: null'],
  [{ plugins: [plugin, plugin] }, 'two of its plugins are called "mine"'],
  [{ plugins: [{ ...plugin, create: 3 }] }, 'entry 0 of its "plugins" ("mine") has no "create" function'],
  [
    { plugins: [{ ...plugin, options: z.object({}) }] },
    'has options that are not strict; write them with z.strictObject',
  ],
])('%o is refused', (exports, problem) => {
  expect(() => declaredPlugins(exports, 'a-package')).toThrow(problem);
});

test('an option that every plugin of the kind has already is refused', () => {
  expect(() => declaredPlugins({ plugins: [plugin] }, 'a-package', () => ['epochs'])).toThrow(
    '("mine") has an option "epochs", which every pruner already has from the runner',
  );
});
