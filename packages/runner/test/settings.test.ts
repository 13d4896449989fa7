import fc from 'fast-check';
import { expect, test } from 'vitest';
import { madeResults } from '../../analysis/test/made-results.ts';
import { type SettingDifference, type Settings, settingDifferences, settingsOf } from '../src/runs/settings.ts';

const none: Settings = { study: {}, parameter: {}, node: {}, recipe: {}, plugin: {}, data: {}, machine: {} };
const ofNodes = (node: Settings['node']): Settings => ({ ...none, node });
const differences = (a: unknown, b: unknown) =>
  settingDifferences(ofNodes({ n: a }), ofNodes({ n: b })).map(({ name, a: own, b: other }) => [name, own, other]);

test('options differ by their path; lists as a whole, those of objects by label, plugin or place', () => {
  expect(differences({ with: { epochs: 2, crop: null } }, { with: { epochs: 3, crop: null } })).toEqual([
    ['n.with.epochs', 2, 3],
  ]);
  expect(differences({ with: {} }, { with: { 'a.b': [1] } })).toEqual([['n.with.a.b', undefined, [1]]]);
  expect(differences({ over: [1, 2] }, { over: [1, 3] })).toEqual([['n.over', [1, 2], [1, 3]]]);
  const [gentle, harsh] = [1, 2].map((steps) => ['x/plain', { use: 'x/maps', with: { steps } }]);
  expect(differences({ axis: gentle }, { axis: harsh })).toEqual([['n.axis.x/maps.with.steps', 1, 2]]);
  expect(differences({ axis: gentle }, { axis: gentle!.toReversed() })).toEqual([
    ['n.axis', gentle, gentle!.toReversed()],
  ]);
  const added = { label: 'other', use: 'x/maps' };
  expect(differences({ axis: gentle }, { axis: [...gentle!, added] })).toEqual([['n.axis.other', undefined, added]]);
  expect(differences([{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 3 }])).toEqual([['n.1.a', 2, 3]]);
  expect(differences([{ a: 1 }], [{ a: 1 }, { a: 3 }])).toEqual([['n', [{ a: 1 }], [{ a: 1 }, { a: 3 }]]]);
  expect(differences({ a: null }, { a: 0 })).toEqual([['n.a', null, 0]]);
});

test('a node, plugin or parameter that one run alone has is told as one', () => {
  const node = { use: 'toy/mass', with: { a: 1, b: 2 } };
  const plugin = { '@toy/p': { version: '1.0.0', cacheVersion: { mass: '1' } } };
  const other = { ...none, parameter: { seeds: [0] }, node: { mass: node }, plugin, machine: { node: 'v20' } };
  expect(settingDifferences(none, other)).toEqual([
    { area: 'parameter', name: 'seeds', a: undefined, b: [0] },
    { area: 'node', name: 'mass', a: undefined, b: 'toy/mass' },
    { area: 'plugin', name: '@toy/p', a: undefined, b: '1.0.0' },
  ]);
  expect(settingDifferences(other, { ...other, machine: { node: 'v22' } })).toEqual([
    { area: 'machine', name: 'node', a: 'v20', b: 'v22' },
  ]);
});

/** The value at a path of a difference, which leads through keys alone. */
function at(value: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined || typeof value !== 'object' || value === null) return value;
  return at((value as Record<string, unknown>)[key], rest);
}

test('what differs is all that differs: putting it in makes one of the other', () => {
  const leaf = fc.oneof(
    fc.integer({ min: 0, max: 2 }),
    fc.constantFrom('x', null),
    fc.array(fc.nat(2), { maxLength: 2 }),
  );
  const key = fc.constantFrom('a', 'b', 'c');
  const tree = fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, leaf)));
  fc.assert(
    fc.property(tree, tree, (a, b) => {
      const found = settingDifferences(ofNodes({ n: a }), ofNodes({ n: b }));
      for (const one of found) {
        const path = one.name.split('.').slice(1);
        expect([at(a, path), at(b, path)]).toEqual([one.a, one.b]);
        expect(JSON.stringify(one.a)).not.toBe(JSON.stringify(one.b));
      }
      const paths = found.map(({ name }: SettingDifference) => name);
      expect(paths).toEqual([...new Set(paths)]);
      expect(put(structuredClone(a), found)).toEqual(b);
    }),
    { numRuns: 300, seed: 1 },
  );
});

function put(tree: Record<string, unknown>, found: readonly SettingDifference[]): unknown {
  for (const { name, b } of found) {
    const path = name.split('.').slice(1);
    const last = path.pop();
    if (last === undefined) return b;
    const parent = at(tree, path) as Record<string, unknown>;
    if (b === undefined) delete parent[last];
    else parent[last] = b;
  }
  return tree;
}

test('settings come from what results say of their study, without secrets', async () => {
  const results = madeResults({
    params: { epochs: 5, token: 'hunter2hunter2' },
    plugins: [{ alias: 'toy', package: '@toy/p', version: '1.2.3', types: [{ type: 'toy/mass', cacheVersion: '7' }] }],
    datasets: { 'data.val': 'e'.repeat(64) },
    numerics: { engine: 'wasm', version: '1' },
  });
  const settings = await settingsOf(results, null, 'x');
  expect(settings).toMatchObject({
    study: { name: 'made', profile: null, seed: 1 },
    parameter: { epochs: 5, token: '***' },
    node: { dense: { use: 'core/train', with: { epochs: 5 } } },
    plugin: { '@toy/p': { version: '1.2.3', cacheVersion: { mass: '7' } } },
    data: { 'data.val': 'e'.repeat(12) },
    machine: { engine: 'wasm', version: '1' },
  });
  expect(JSON.stringify(settings)).not.toContain('hunter2');
});
