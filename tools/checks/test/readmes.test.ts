import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { withTables } from '../src/readmes/option-places.ts';
import { optionTable } from '../src/readmes/option-table.ts';

test('a table has values, default and meaning of every option, as zod has them', () => {
  const options = z.strictObject({
    sparsity: z.number().min(0).lt(1).describe('fraction removed'),
    steps: z.int().positive().default(50).describe('points on the path'),
    scope: z.enum(['global', 'layerwise']).default('global').describe('what is counted together'),
    layer: z.string().nullable().optional().describe('name | place'),
  });
  expect(optionTable(options)).toBe(
    [
      '| Option     | Values                | Default  | Meaning                  |',
      '| ---------- | --------------------- | -------- | ------------------------ |',
      '| `sparsity` | number in [0, 1)      | required | fraction removed         |',
      '| `steps`    | whole number above 0  | `50`     | points on the path       |',
      '| `scope`    | `global`, `layerwise` | `global` | what is counted together |',
      '| `layer`    | text or null          | none     | name \\| place            |',
    ].join('\n'),
  );
});

test('fields of an object, and of each alternative, are rows of their own', () => {
  const baseline = z.discriminatedUnion('name', [
    z.strictObject({ name: z.literal('black') }),
    z.strictObject({ name: z.literal('blur'), sigma: z.number().gt(0).max(1).default(0.05).describe('width') }),
  ]);
  const rows = optionTable(z.strictObject({ baseline: baseline.describe('start of the path') })).split('\n');
  expect(rows.slice(2).map((row) => row.replace(/ +/g, ' '))).toEqual([
    '| `baseline` | `{ name: "black" }` or `{ name: "blur", sigma }` | required | start of the path |',
    '| `baseline.sigma` | number in (0, 1] | `0.05` | width |',
  ]);
});

test('an option without a description is refused by name', () => {
  expect(() => optionTable(z.strictObject({ steps: z.int() }))).toThrow('Options without a description: steps.');
});

test('tables are written between their marks, and what is around them stays', () => {
  const readme = 'before\n\n<!-- options of road -->\nold\n<!-- end of options -->\nafter\n';
  const written = 'before\n\n<!-- options of road -->\n\nNEW\n\n<!-- end of options -->\nafter\n';
  const plugins = [
    { name: 'road', table: 'NEW' },
    { name: 'accuracy', table: undefined },
  ];
  expect(withTables(readme, plugins)).toBe(written);
  expect(withTables(written, plugins)).toBe(written);
  expect(() => withTables('nothing', plugins)).toThrow('Expected "<!-- options of road -->"');
  expect(() => withTables(readme, [])).toThrow('expected plugins of this package with the same options');
});

test('plugins with the same options may share a place, others may not', () => {
  const readme = '<!-- options of a b -->\n<!-- end of options -->\n';
  const same = { table: 'SAME' };
  expect(
    withTables(readme, [
      { name: 'a', ...same },
      { name: 'b', ...same },
    ]),
  ).toContain('\n\nSAME\n\n');
  expect(() =>
    withTables(readme, [
      { name: 'a', ...same },
      { name: 'b', table: 'OTHER' },
    ]),
  ).toThrow('the same options');
});

const templates = join(import.meta.dirname, '../../../packages/create-espalier/templates');
const ofPlugins = readdirSync(templates).filter((kind) => !['executor', 'store'].includes(kind));

// Written by `npx vitest run tools/checks/test/readmes.test.ts -u`.
test.each(ofPlugins)('the options in the README of a new %s are those of its code', async (kind) => {
  const { myPlugin } = await import(`${templates}/${kind}/src/my-plugin.ts`);
  const path = join(templates, kind, 'README.md');
  const tables = [{ name: myPlugin.name, table: optionTable(myPlugin.options) }];
  await expect(withTables(readFileSync(path, 'utf8'), tables)).toMatchFileSnapshot(path);
});
