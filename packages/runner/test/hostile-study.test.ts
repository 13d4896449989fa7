import { apiVersion, declaredPlugins, StudyError } from '@espalier/core';
import { editorSchema, nodeTypes, parseStudyText } from '@espalier/study';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { openStudy } from '../src/index.ts';
import { nodeCatalogue } from '../src/kinds/index.ts';
import { includedStudy } from './included-study.ts';
import { plugins } from './toy-plugins.ts';
import { toyPackages, toyStudy, writeStudy } from './toy-study.ts';

const text = JSON.stringify(toyStudy(), undefined, 1);
const found = {
  specifier: 'toy',
  name: 'toy',
  version: '1',
  codes: {},
  plugins: declaredPlugins({ apiVersion, plugins }, 'toy'),
};
const toyTypes = nodeTypes(new Map([['toy', found]]), nodeCatalogue);

test('a study that was cut off or scrambled is an error with a place, or a study', async () => {
  const folder = temporaryFolder();
  const edit = fc.record({
    at: fc.nat(text.length),
    drop: fc.nat(40),
    put: fc.constantFrom(
      '',
      '{',
      ']',
      '"',
      'null',
      '-1',
      '[[[[',
      '{"$axis":"x"}',
      '{"$param":"levels"}',
      '"a.b"',
      '\u0000',
    ),
  });
  await fc.assert(
    fc.asyncProperty(edit, async ({ at, drop, put }) => {
      const file = writeStudy(folder, text.slice(0, at) + put + text.slice(at + drop));
      const error = await openStudy({ file, packages: toyPackages }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) return;
      if (!StudyError.is(error)) throw error;
      expect(error.message).toMatch(/study\.json(:\d+:\d+ | has | is not readable)/);
    }),
    { seed: 3, numRuns: 30 },
  );
});

test('any JSON at all is an error with a place, not a crash', async () => {
  const folder = temporaryFolder();
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.constantFrom(...Object.keys(toyStudy())), fc.jsonValue({ maxDepth: 3 })),
      async (parts) => {
        const study = { ...toyStudy(), ...parts };
        const file = writeStudy(folder, study);
        expect(editorSchema(toyTypes, await includedStudy(study))).toHaveProperty('$defs'); // it is kept before anything is checked
        const error = await openStudy({ file, packages: toyPackages }).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error !== undefined && !StudyError.is(error)) throw error;
      },
    ),
    { seed: 4, numRuns: 30 },
  );
});

test('nesting is bounded', () => {
  const deep = `${'['.repeat(70)}${']'.repeat(70)}`;
  expect(() => parseStudyText(deep, 'deep.json')).toThrowErrorMatchingInlineSnapshot(`
    [StudyError: deep.json is not readable as JSON (comments are allowed).
      deep.json:1:65  Values may be nested 64 deep; this one is deeper.]
  `);
});

test('positions count lines and columns from 1, through comments', () => {
  const study = parseStudyText('{\n  // seed\n  "seed": 1,\n  "params": { "levels": [0.1, 0.2] },\n}', 'study.json');
  expect(study.locate(['params', 'levels', 1])).toEqual({ line: 4, column: 31 });
  expect(study.locateKey(['params', 'levels'])).toEqual({ line: 4, column: 15 });
  expect(study.locate(['params', 'nothing', 'here'])).toEqual({ line: 4, column: 13 });
});

test('the schema for editors is a valid JSON Schema, and accepts the study', () => {
  const schema = editorSchema(toyTypes);
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true });
  expect(ajv.validate(schema, toyStudy())).toBe(true);
  const wrong = JSON.parse(JSON.stringify(toyStudy()).replace('"epochs":1', '"epochs":"one"'));
  expect(ajv.validate(schema, wrong)).toBe(false);
});

test('a study of many nodes and long axes has a schema within moments, and of a bounded size', async () => {
  const train = { use: 'core/train', in: { model: { $from: 'wide.model' } } };
  const wide = { use: 'core/train', matrix: { axis: Array.from({ length: 30_000 }, (_, label) => label) } };
  const chained = (i: number) => ({
    ...train,
    in: { model: { $from: `n${i - 1}.model` } },
    matrix: { [`a${i}`]: [1, 2, 3] },
  });
  const many = Array.from({ length: 900 }, (_, i) => [`n${i}`, i === 0 ? wide : chained(i)]);
  const studies = [
    { nodes: { wide, ...Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`n${i}`, train])) } },
    { nodes: { wide, ...Object.fromEntries(many) } },
  ];
  for (const study of studies) {
    const included = await includedStudy(study);
    const start = performance.now();
    expect(JSON.stringify(editorSchema(toyTypes, included)).length).toBeLessThan(20_000_000);
    expect(performance.now() - start).toBeLessThan(20_000);
  }
});
