import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { limits, oversized, oversizedIn } from '../src/sizes/oversized.ts';

const body = (lines: number) => '  work();\n'.repeat(lines);

test('functions of every form are counted from head to end, those in functions too', () => {
  const statements = limits.functionLines - 1;
  const forms = [
    `function declared() {\n${body(statements)}}\n`,
    `const arrow = () => {\n${body(statements)}};\n`,
    `const object = { method() {\n${body(statements)}} };\n`,
    `const object = { property: async function* () {\n${body(statements)}} };\n`,
    `class Box { method() {\n${body(statements)}} }\n`,
    `class Box { get place() {\n${body(statements)}} }\n`,
    `call(() => {\n${body(statements)}});\n`,
  ];
  const names = ['declared', 'arrow', 'method', 'property', 'method', 'place', 'a function'];
  expect(forms.map((text) => oversizedIn('a.ts', text))).toEqual(
    names.map((name) => [`a.ts:1 ${name} has 61 lines, more than 60`]),
  );
  for (const text of forms) expect(oversizedIn('a.ts', text.replace('  work();\n', ''))).toEqual([]);
  const nested = `function outer() {\n${forms[0]}}\n`;
  expect(oversizedIn('a.ts', nested)).toEqual([
    'a.ts:1 outer has 63 lines, more than 60',
    'a.ts:2 declared has 61 lines, more than 60',
  ]);
});

test('a file has at most 300 lines, with or without a line break at its end', () => {
  expect(oversizedIn('a.ts', body(300))).toEqual([]);
  expect(oversizedIn('a.ts', `${body(300)}last();`)).toEqual(['a.ts has 301 lines, more than 300']);
});

test('a folder has at most 20 source files, not counting those in folders below it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-sizes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'part'));
  for (let file = 0; file < 20; file++)
    for (const place of ['', 'part']) writeFileSync(join(folder, place, `${file}.ts`), '');
  writeFileSync(join(folder, 'notes.md'), '');
  expect(oversized(folder)).toEqual([]);
  writeFileSync(join(folder, 'part', 'more.ts'), '');
  expect(oversized(folder)).toEqual(['part holds 21 files, more than 20']);
});
