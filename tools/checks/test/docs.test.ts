import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, onTestFinished, test } from 'vitest';
import { missingDocs } from '../src/docs/missing-docs.ts';

/** What is missing in a package of one file, which declares its own errors and ports. */
function missing(text: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'index.ts');
  writeFileSync(file, `declare class StudyError extends Error { constructor(code: string) }\n${text}`);
  const options = { noLib: true, noEmit: true };
  return missingDocs(ts.createProgram([file], options), [{ name: 'a', file }], file);
}

test('every exported name has a comment, those that are exported under another name too', () => {
  expect(
    missing(
      'export const one = 1;\nexport interface Two {}\nexport type Three = 3;\nfunction four() {}\nexport { four };',
    ),
  ).toEqual(['one', 'Two', 'Three', 'four'].map((name) => `a: ${name} has no comment`));
  expect(
    missing('/** One. */\nexport const one = 1;\n/** Four. */\nfunction four() {}\nexport { four as five };'),
  ).toEqual([]);
});

const check = (doc: string) => `/** Checks. ${doc} */
export function check(): void { inner(); }
function inner(): void { throw failure(); }
function failure(): StudyError { return new StudyError('a/broken'); }`;

test('a function names the errors that it throws, also by functions beside it', () => {
  expect(missing(check(''))).toEqual(['a: check throws a/broken without saying so']);
  expect(missing(check('@throws StudyError `a/broken`'))).toEqual([]);
  const thrown = "{ throw new StudyError('a/broken'); }";
  expect(missing(`/** Makes. */\nexport const make = () => () => ${thrown};`)).toEqual([]);
  expect(missing(`/** Tries. */\nexport function tries() { try ${thrown} catch {} }`)).toEqual([]);
  expect(missing(`/** Throws. */\nexport const throws = () => ${thrown};`)).toEqual([
    'a: throws throws a/broken without saying so',
  ]);
});

test('an array whose type has no axes has its shape in the comment', () => {
  const sum = (doc: string, type: string) => `/** ${doc} */\nexport declare function sum(values: ${type}): number;`;
  expect(missing(sum('The sum.', 'Float32Array'))).toEqual(['a: sum does not say the shape of its arrays']);
  expect(missing(sum('The sum.', 'readonly NdArray[]'))).toEqual(['a: sum does not say the shape of its arrays']);
  expect(missing(sum('The sum of `[rows, columns]`.', 'Float32Array'))).toEqual([]);
  expect(missing(sum('The sum.', "NdArray<'n k'>"))).toEqual([]);
});

test('ports and plugins have an example', () => {
  const text = (example: string) => `/** A port. ${example} */\nexport interface Pruner { mask(): void }
/** All ports. */\nexport interface Ports { pruner: Pruner }
/** A plugin. ${example} */\nexport const prune = { kind: 'pruner' };
/** All plugins. */\nexport const plugins = [prune] as const;`;
  expect(missing(text(''))).toEqual(['a: Pruner has no @example', 'a: prune has no @example']);
  expect(missing(text('\n * @example prune()\n'))).toEqual([]);
});
