import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { fileNameOf, foldedPath, longestName, pathProblem } from '@espalier/study';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { openStudy } from '../src/index.ts';
import { apiVersion, plugins } from './toy-plugins.ts';
import { nodeOf, runToy, smallStudy, toyPackages, writeStudy } from './toy-study.ts';

type Study = Record<string, unknown>;

/** A study whose data have an axis of these labels, written as one output of several instances. */
function labelled(labels: readonly (string | number)[], outputs: unknown = { data: { $from: 'data.eval' } }): Study {
  return smallStudy((study) => {
    study.nodes = { data: { use: 'toy/noise', matrix: { arm: labels } } };
    study.outputs = outputs;
  });
}

async function problemOf(study: Study): Promise<string> {
  const file = writeStudy(temporaryFolder(), study);
  const error = await openStudy({ file, packages: toyPackages }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!StudyError.is(error)) throw error ?? new Error('The study is valid.');
  const [first, ...lines] = error.message.split('\n');
  expect(first).toMatch(/has a problem; nothing was run\.$/);
  return lines.join('\n').replace(/^ {2}\S*study\.json:/, '');
}

test('labels that differ give files that differ; plain labels are their names', async () => {
  const folder = temporaryFolder();
  const labels = [
    'plain',
    0.5,
    'a/b',
    'a_b',
    'a:b',
    'a%2Fb',
    'a\\b',
    'dot.',
    'space ',
    'grün',
    'tab\t',
    '\u202e',
    '?*"<>|',
  ];
  const { status, outputs } = await runToy(folder, labelled(labels));
  expect(status).toBe('ok');
  expect(outputs).toHaveLength(labels.length);
  const names = readdirSync(join(folder, '.espalier/out/toy/data'));
  expect(new Set(names).size).toBe(labels.length);
  expect(names).toContain('data[arm=plain].json');
  expect(names).toContain('data[arm=0.5].json');
  expect(names).toContain('data[arm=grün].json');
  expect(names).toContain('data[arm=a_b].json');
  expect(names).toContain('data[arm=a%2Fb].json');
  expect(names).toContain('data[arm=a%3Ab].json');
  for (const name of names) expect(pathProblem(name)).toBeUndefined();
});

test('labels that some file system takes for one are a problem of the plan', async () => {
  expect(await problemOf(labelled(['Adam', 'adam']))).toMatchInlineSnapshot(
    `"38:5  /outputs/data  It would write both "data/data[arm=Adam].json" and "data/data[arm=adam].json", which are one file where upper and lower case are not told apart. Give one of these labels another "label"."`,
  );
  expect(await problemOf(labelled(['caf\u00e9', 'cafe\u0301']))).toContain('which are one file where');
});

test('a label that makes too long a name is a problem of the plan, where an output writes it', async () => {
  const label = 'ü'.repeat(150);
  expect(await problemOf(labelled([label, 'b']))).toMatchInlineSnapshot(
    `"38:5  /outputs/data  It would write "data/data[arm=üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü..., a name of 315 bytes; a file's name may have 230. Give the values of its axes a shorter "label"."`,
  );
  await using opened = await openStudy({
    file: writeStudy(temporaryFolder(), labelled([label, 'b'], {})),
    packages: toyPackages,
  });
  expect(opened.plan.instances).toHaveLength(2);
});

test('1 and "1" are one label', async () => {
  expect(await problemOf(labelled([1, '1']))).toContain('The label "1" is on this axis twice.');
  const study = labelled([1]);
  Object.assign(nodeOf(study, 'data').matrix as object, { include: [{ arm: '1' }] });
  expect(await problemOf(study)).toContain('The axis "arm" has no label "1". Did you mean "1"?');
});

test('a combination that is added twice is there once', async () => {
  const study = labelled([1]);
  Object.assign(nodeOf(study, 'data').matrix as object, { include: [{ arm: 2 }, { arm: 2 }, { arm: 1 }] });
  await using opened = await openStudy({ file: writeStudy(temporaryFolder(), study), packages: toyPackages });
  expect(opened.plan.instances.map(({ id }) => id)).toEqual(['data[arm=1]', 'data[arm=2]']);
});

test('the name of an axis may not be taken for several', async () => {
  const study = labelled([1]);
  nodeOf(study, 'data').matrix = { 'a=1,b': [1, 2] };
  expect(await problemOf(study)).toContain('Expected a name of an axis without [ ] , =; found "a=1,b".');
});

const one = { $from: 'data.eval', at: { arm: 'x' } };

test.each([
  ['', 'must be a relative path inside the output folder'],
  ['.', 'must be a relative path'],
  ['a/../b', 'must be a relative path'],
  ['/a', 'must be a relative path'],
  ['a//b', 'must be a relative path'],
  ['C:x', 'has the character :'],
  ['a\\b', 'must be a relative path inside the output folder, with "/" between folders'],
  ['a\u0000b', 'has the character U+0000, which not every file system takes in a name'],
  ['a:b', 'has the character :, which'],
  ['a?', 'has the character ?, which'],
  ['x\u001bx', 'has the character U+001B'],
  ['\ud800', 'has the character U+D800'],
  ['a.', 'has the name "a.", whose end Windows drops'],
  ['a /b', 'has the name "a ", whose end Windows drops'],
  ['CON', 'has the name "CON", which Windows takes for a device'],
  ['x/nul.json', 'has the name "nul.json", which Windows takes for a device'],
  ['lpt1 .txt', 'has the name "lpt1 .txt", which Windows takes for a device'],
  ['é'.repeat(120), "has a name of 240 bytes; a file's name may have 230"],
  [Array(90).fill('a'.repeat(9)).join('/'), 'has 899 bytes; a path of an output may have 800'],
  ['run.json', 'A run keeps a file run.json of its own beside its outputs.'],
  ['Events.ndjson', 'A run keeps a file events.ndjson of its own beside its outputs.'],
  ['a.npz', 'The output "a.npz" would hold no ".npz" file: a split of this node is written as ".json".'],
])('an output cannot be called %j', async (name, problem) => {
  expect(await problemOf(labelled(['x', 'y'], { [name]: one }))).toContain(problem);
});

test.each(['a', 'a-0.5', '.a', '100 %', 'console', 'com', 'a/con1', 'grün/été.json', 'é'.repeat(115)])(
  'an output can be called %j',
  async (name) => {
    const study = labelled(['x', 'y'], { [name]: one });
    await using opened = await openStudy({ file: writeStudy(temporaryFolder(), study), packages: toyPackages });
    expect(opened.plan.outputs).toHaveLength(1);
  },
);

test("a model is written in the forms of the plugin that made it, whatever trained it, and in no other's", async () => {
  const form = async () => new Uint8Array();
  const withForms = (fileForms: object) => ({
    apiVersion,
    plugins: plugins.map((plugin) => (plugin.name === 'tiny' ? { ...plugin, fileForms } : plugin)),
  });
  const study = smallStudy((s) => Object.assign(s, { outputs: { 'net.onnx': { $from: 'dense.model' } } }));
  const file = writeStudy(temporaryFolder(), study);
  await expect(openStudy({ file, packages: toyPackages })).rejects.toThrow(
    'The output "net.onnx" would hold no ".onnx" file: a model of this node is written as ".safetensors". Give the name that ending.',
  );
  await expect(openStudy({ file, packages: new Map([['toy-plugins', withForms({ '.pt': form })]]) })).rejects.toThrow(
    'is written as ".safetensors" or ".pt".',
  );
  await using opened = await openStudy({ file, packages: new Map([['toy-plugins', withForms({ '.onnx': form })]]) });
  expect(opened.plan.outputs.map(({ path }) => path)).toEqual(['net.onnx']);
});

const all = { $from: 'data.eval' };

test.each([
  [
    'a file and what is below it',
    { a: one, 'a/b': one },
    'Beside the output "a" it would write "a/b" below "a", which is a file.',
  ],
  [
    'what is below a file, first',
    { 'a/b': one, a: one },
    'Beside the output "a/b" it would write "a/b" below "a", which is a file.',
  ],
  [
    'names that differ in case',
    { a: one, A: one },
    'Beside the output "a" it would write both "a" and "A", which are one file',
  ],
  ['folders that differ in case', { 'a/b': one, 'A/B': one }, 'both "a/b" and "A/B"'],
  [
    'an instance of another output',
    { d: all, 'd/data[arm=x].json': one },
    'it would write "d/data[arm=x].json" a second time',
  ],
  [
    'below an instance of another output',
    { d: all, 'd/data[arm=x].json/a': one },
    'below "d/data[arm=x].json", which is a file',
  ],
])('two outputs cannot write one path: %s', async (_, outputs, problem) => {
  expect(await problemOf(labelled(['x', 'y'], outputs))).toContain(problem);
});

test('the files of a report count, too', async () => {
  const outputs = (more: object) =>
    smallStudy((s) => Object.assign(s, { outputs: { r: { $from: 'report.files' }, ...more } }));
  expect(await problemOf(outputs({ 'r/list.txt': { $from: 'report.list.txt' } }))).toContain(
    'it would write "r/list.txt" a second time',
  );
  const file = writeStudy(temporaryFolder(), outputs({ 'r/other.txt': { $from: 'report.list.txt' } }));
  await using opened = await openStudy({ file, packages: toyPackages });
  expect(opened.plan.outputs).toHaveLength(2);
});

test('any texts have names that differ and that file systems hold', () => {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const piece = fc.oneof(
    fc.constantFrom(
      '/',
      '\\',
      ':',
      '%',
      '%2F',
      '.',
      ' ',
      'con',
      'NUL',
      'aux.',
      '\u0000',
      '\u202e',
      '\ud800',
      '\udc00',
      '_',
      'é',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(fc.uniqueArray(text, { minLength: 2, maxLength: 12 }), (texts) => {
      const names = texts.map(fileNameOf);
      expect(new Set(names).size).toBe(texts.length);
      for (const name of names) {
        expect(pathProblem(name)).toBeUndefined();
        expect(foldedPath(name)).toBe(foldedPath(foldedPath(name)));
        writeFileSync(join(folder, name), name);
        expect(readFileSync(join(folder, name), 'utf8')).toBe(name);
      }
    }),
    { seed: 5, numRuns: 200 },
  );
  expect(existsSync(join(folder, fileNameOf('/')))).toBe(true);
  expect(fileNameOf('x'.repeat(300)).length).toBeGreaterThan(longestName);
});
