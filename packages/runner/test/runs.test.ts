import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { diffCommand } from '../src/command-line/commands/diff.ts';
import { graphCommand } from '../src/command-line/commands/graph.ts';
import { outputTo } from '../src/command-line/commands/output.ts';
import { runsCommand, showCommand } from '../src/command-line/commands/runs.ts';
import { planStudy } from '../src/index.ts';
import { parseLock } from '../src/opening/study-lock.ts';
import { findRun } from '../src/runs/recorded-runs.ts';
import { nodeOf, runToy, smallStudy, toyPackages, writeStudy } from './toy-study.ts';

/** What a command writes, without times and ids. */
async function told(
  folder: string,
  command: (output: Parameters<typeof runsCommand>[2]) => Promise<number>,
): Promise<string> {
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  expect(await command(outputTo({ isTerminal: false, columns: 80, write, writeError: write }))).toBe(0);
  return text
    .replaceAll(folder, '<folder>')
    .replaceAll(/\d{8}T\d{6}Z-\w{4}/g, '<run>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/ *\d+(\.\d+)?m?s\b/g, ' T');
}

test('runs lists runs, show tells what one did, and a wrong id names those that are there', async () => {
  const folder = temporaryFolder();
  const runs = join(folder, '.espalier/runs');
  expect(await told(folder, (output) => runsCommand(runs, false, output))).toBe(
    'No runs in <folder>/.espalier/runs. Give the study or its folder with --in.\n',
  );
  await runToy(folder, smallStudy());
  await runToy(folder, smallStudy(), { select: { only: ['dense'] } });
  expect(await told(folder, (output) => runsCommand(runs, false, output))).toMatchInlineSnapshot(`
    "<run>  <time>  toy  ok after T  3 instances, 0 run, 3 cached
    <run>  <time>  toy  ok after T  16 instances, 15 run, 0 cached
    "
  `);
  expect(
    await told(folder, (output) => showCommand('latest', runs, { json: false, timeline: false }, output)),
  ).toMatchInlineSnapshot(`
    "<run>  <time>  toy  ok after T  3 instances, 0 run, 3 cached
      command  runStudy <folder>/study.json
      record   <folder>/.espalier/runs/<run>
      data T  0 run, 1 cached
      network T  0 run, 1 cached
      dense T  0 run, 1 cached
    "
  `);
  expect(JSON.parse(await told(folder, (output) => runsCommand(runs, true, output)))).toHaveLength(2);
  const error = await findRun('2001', runs).catch((reason) => reason);
  expect(error.code).toBe('runner/run-unknown');
  expect(error.message).toMatch(/^There is no run "2001"\. Known: .*, .*\. They are looked for in /);
  const folderError = await findRun(`${folder}/`, runs).catch((reason) => reason);
  expect(folderError.message).toContain('is not the record of a run: it has no readable run.json.');
});

test('diff puts numbers side by side and says what caused the difference', async () => {
  const folder = temporaryFolder();
  const first = await runToy(folder, smallStudy());
  const second = await runToy(
    folder,
    smallStudy((s) => Object.assign(s.params as object, { epochs: 3 })),
  );
  const runs = join(folder, '.espalier/runs');
  const pair = [`${first.folder}/`, `${second.folder}/`] as const;
  expect(await told(folder, (output) => diffCommand(pair, runs, false, output))).toMatchInlineSnapshot(`
    "first   <run>  runStudy <folder>/study.json
    second  <run>  runStudy <folder>/study.json
    cause   dense[seed=0]: option epochs 2 -> 3
    dense[seed=0]: differs: option epochs 2 -> 3
    nonzero[seed=0,sparsity=0]: differs: input model changed
        nonzero                           60.0000      60.0000  =
    attr[explainer=toy/flat,seed=0,sparsity=0]: differs: input model changed
    attr[explainer=toy/gradient,seed=0,sparsity=0]: differs: input model changed
    mass[explainer=toy/gradient,seed=0,sparsity=0]: differs: input attributions changed
        mass                              159.579      102.267  -57.3
    prune[seed=0,sparsity=0.5]: differs: input model changed
    nonzero[seed=0,sparsity=0.5]: differs: input model changed
        nonzero                           30.0000      30.0000  =
    attr[explainer=toy/flat,seed=0,sparsity=0.5]: differs: input model changed
    attr[explainer=toy/gradient,seed=0,sparsity=0.5]: differs: input model changed
    mass[explainer=toy/gradient,seed=0,sparsity=0.5]: differs: input attributions changed
        mass                              17.7316      46.3878  +28.7
    report: differs: what it says of the run: study, parameters, packages or data; input attributions changed: 2 of 4 are new, 2 are gone; input models changed: 2 of 2 are new, 2 are gone; input scores changed: 2 of 6 are new, 2 are gone
    4 the same, 11 different, 0 only in the first, 0 only in the second.
    "
  `);
});

test('graph draws nodes, not instances, and nothing of a study becomes markup', async () => {
  const folder = temporaryFolder();
  const file = writeStudy(folder, smallStudy());
  const draw = (format: 'mermaid' | 'dot' | 'svg') =>
    told(folder, (output) => graphCommand({ file, packages: toyPackages }, { format, out: undefined }, output));
  expect(await draw('mermaid')).toMatchInlineSnapshot(`
    "flowchart LR
      n0["data<br/>toy/noise"]
      n1["network<br/>toy/tiny"]
      n2["dense<br/>core/train"]
      n3["prune  x2<br/>toy/first"]
      n4["attr  x4<br/>toy/flat, toy/gradient"]
      n5["mass  x4<br/>toy/mass"]
      n6["nonzero  x2<br/>toy/nonzero"]
      n7["report<br/>toy/list"]
      n0 -->|"data"| n1
      n1 -->|"model"| n2
      n0 -->|"data"| n2
      n2 -->|"model"| n3
      n0 -->|"data"| n3
      n3 -->|"model"| n4
      n0 -->|"images"| n4
      n4 -->|"attributions"| n5
      n3 -->|"model"| n6
      n0 -->|"images"| n6
      n5 -->|"scores"| n7
      n6 -->|"scores"| n7
      n3 -->|"models"| n7
      n4 -->|"attributions"| n7
      n0 -->|"images"| n7
    "
  `);
  expect(await draw('dot')).toContain('"dense" -> "prune" [label="model"];');
  const svg = await draw('svg');
  expect(svg.match(/<rect /g)).toHaveLength(8);
  const hostile = smallStudy((s) => {
    (nodeOf(s, 'nonzero').in as Record<string, unknown>)['<script>'] = { $from: 'data.val' };
  });
  await expect(planStudy({ file: writeStudy(folder, hostile), packages: toyPackages })).rejects.toThrow('<script>');
  expect(svg).not.toContain('<script');
});

// Names of nodes, ports and plugins are plain words, and a study that holds a secret is refused: this is the last look.
test('a graph in a file is what is printed, as a terminal may have it', async () => {
  const folder = temporaryFolder();
  const file = writeStudy(folder, smallStudy());
  for (const format of ['mermaid', 'dot', 'svg'] as const) {
    const out = join(folder, `graphs/graph.${format}`);
    const draw = (out: string | undefined) =>
      told(folder, (output) => graphCommand({ file, packages: toyPackages }, { format, out }, output));
    const printed = await draw(undefined);
    expect(await draw(out)).toBe(`wrote    <folder>/graphs/graph.${format}\n`);
    const kept = readFileSync(out, 'utf8');
    expect(kept).toBe(printed);
    vi.stubEnv('SOME_TOKEN', 'core/train');
    await expect(draw(out)).rejects.toThrow('holds a password or another secret');
    vi.unstubAllEnvs();
    expect(readFileSync(out, 'utf8')).toBe(kept);
  }
});

test('a lock file says what a study was run with; a run tells what has changed and brings it up to date', async () => {
  const folder = temporaryFolder();
  const { folder: record } = await runToy(folder, smallStudy());
  const path = join(folder, 'study.lock.json');
  const text = readFileSync(path, 'utf8');
  expect(readFileSync(join(record, 'lock.json'), 'utf8')).toBe(text);
  expect(text.replaceAll(/[0-9a-f]{64}/g, '<digest>')).toMatchInlineSnapshot(`
    "{
      "lockVersion": 1,
      "plugins": {
        "toy-plugins": {
          "version": "given",
          "code": null,
          "types": {
            "first": "1",
            "flat": "1",
            "gradient": "1",
            "list": "1",
            "mass": "1",
            "noise": "1",
            "nonzero": "1",
            "tiny": "1"
          }
        }
      },
      "data": [
        {
          "type": "toy-plugins/noise",
          "options": {},
          "parts": {
            "train": "<digest>",
            "tune": "<digest>",
            "val": "<digest>",
            "eval": "<digest>"
          }
        }
      ]
    }
    "
  `);
  await runToy(folder, smallStudy(), { params: { epochs: 3 } });
  expect(readFileSync(path, 'utf8')).toBe(text); // parameters of the command line are not the study's
  writeFileSync(path, text.replace('"mass": "1"', '"mass": "0"').replace(/"train": "\w+"/, '"train": "ab"'));
  const changes: string[] = [];
  await runToy(folder, smallStudy(), {
    listener: (event) => {
      if (event.type === 'lock') changes.push(...event.changes);
    },
  });
  expect(changes.map((change) => change.replace(/[0-9a-f]{12}/, '<digest>'))).toEqual([
    'cacheVersion of toy-plugins/mass 0 -> 1',
    'data toy-plugins/noise.train: ab -> <digest>',
  ]);
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('a lock file that cannot be read is told with its place before anything runs', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'study.lock.json'), '{ "lockVersion": 1, "plugins": {}, "data": [{ "type": 3 }] }');
  const error = await runToy(folder, smallStudy()).catch((reason) => reason);
  expect(`[${error.code}] ${error.message}`.replaceAll(folder, '<folder>')).toMatchInlineSnapshot(`
    "[runner/lock-invalid] <folder>/study.lock.json is not a lock file. It is written by espalier run: restore it, or delete it and run again.
      <folder>/study.lock.json:1:55  /data/0/type  Invalid input: expected string, received number
      <folder>/study.lock.json:1:45  /data/0/options  Invalid input: expected nonoptional, received undefined
      <folder>/study.lock.json:1:45  /data/0/parts  Invalid input: expected record, received undefined"
  `);
  expect(() => parseLock('{ "__proto__": {} }', 'study.lock.json')).toThrowErrorMatchingInlineSnapshot(`
    [StudyError: study.lock.json is not readable as JSON (comments are allowed).
      study.lock.json:1:3  The key "__proto__" is not allowed.
    It is written by espalier run: restore it, or delete it and run again.]
  `);
  expect(() => parseLock('{', 'study.lock.json')).toThrow('study.lock.json:1:2');
});
