import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileFaults, folderFaults, type PathFault, unhelpful } from '../../files/test/path-faults.ts';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { espalier, outsideProject } from './outside-project.ts';

/** A path that somebody gives to a command, or that a command looks at. */
interface Place {
  readonly faults: readonly PathFault[];
  /** Where the fault is put, below the project; beside it unless it is said. */
  readonly at?: string;
  readonly command: (path: string) => readonly string[];
  /** Faults that are none here: what is not there is made, what is in the way of a file is replaced. */
  readonly takes?: readonly string[];
}

const without = (faults: readonly PathFault[], ...names: readonly string[]): readonly PathFault[] =>
  faults.filter(({ name }) => !names.includes(name));

/** Of each kind one, where a command takes its time and what reads the path is held against all elsewhere. */
const oneOfEach = (faults: readonly PathFault[]): readonly PathFault[] =>
  without(
    faults,
    'a link to nothing',
    'a socket',
    'a device without end',
    'a path too long',
    'an archive',
    'nothing in it',
  ).filter(({ name }) => !/web|LFS|torch/.test(name));

const contents = ['nothing in it', 'a page of the web', 'a pointer of Git LFS', 'what torch.save writes', 'bytes'];
const others = ['a link to nothing', 'a link to itself', 'a pipe', 'a socket', 'a device without end'];
// A file is written beside and renamed, so that it takes the place of all but a folder.
const replaced = ['nothing', 'a file of another user', ...contents, ...others];
// What stands at one place, which no path can be given for.
const placed = without(fileFaults, 'nothing', 'a path through a file', 'a name too long', 'a path too long');
// vitest reads modules in another process, as another user.
const modules = without(placed, 'a file of another user');

// Where two are read by the same code, one stands for the other.
const places: Readonly<Record<string, Place | { readonly as: string }>> = {
  'plan <study>': { faults: fileFaults, command: (path) => ['plan', path] },
  'run <study>': { as: 'plan <study>' },
  'why <study>': { as: 'plan <study>' },
  'graph <study>': { as: 'plan <study>' },
  'schema [study]': { faults: oneOfEach(fileFaults), command: (path) => ['schema', path] },
  'store verify [study]': { as: 'store verify --store' },
  'store gc [study]': { as: 'store gc --store' },
  'store du [study]': { as: 'store du --store' },
  'plan --store': {
    faults: folderFaults,
    command: (path) => ['plan', 'study.json', '--store', path],
    takes: ['nothing'],
  },
  'why --store': { as: 'plan --store' },
  'graph --store': { as: 'plan --store' },
  'run --store': {
    faults: oneOfEach(without(folderFaults, 'nothing')),
    command: (path) => ['run', 'study.json', '--store', path],
  },
  'plan --home': {
    faults: oneOfEach(folderFaults),
    command: (path) => ['plan', 'study.json', '--home', path],
    takes: ['nothing', 'a link to nothing'],
  },
  'why --home': { as: 'plan --home' },
  'graph --home': { as: 'plan --home' },
  'run --home': {
    faults: oneOfEach(without(folderFaults, 'nothing')),
    command: (path) => ['run', 'study.json', '--home', path],
  },
  'run --out': { as: 'graph --out' },
  'graph --out': {
    faults: oneOfEach(fileFaults),
    command: (path) => ['graph', 'study.json', '--out', path],
    takes: replaced,
  },
  'schema --out': { as: 'graph --out' },
  'init [study]': {
    faults: oneOfEach(fileFaults),
    command: (path) => ['init', path, '--images', 'planted', '--network', 'resnet18', '--no-time'],
    takes: ['nothing'],
  },
  'init --images': {
    faults: oneOfEach(folderFaults),
    command: (path) => ['init', 'new.json', '--images', path, '--network', 'resnet18', '--no-time'],
  },
  'init --onnx': {
    faults: oneOfEach(fileFaults),
    command: (path) => ['init', 'new.json', '--images', 'planted', '--onnx', path, '--size', '32', '--no-time'],
  },
  'init --weights': {
    faults: oneOfEach(fileFaults),
    command: (path) => [
      'init',
      'new.json',
      '--images',
      'planted',
      '--network',
      'resnet18',
      '--weights',
      path,
      '--no-time',
    ],
  },
  'runs --in': {
    faults: folderFaults,
    command: (path) => ['runs', '--in', path],
    takes: ['nothing', 'a link to nothing'],
  },
  'show --in': { faults: oneOfEach(folderFaults), command: (path) => ['show', 'latest', '--in', path] },
  'diff --in': { as: 'show --in' },
  'show <run>': { faults: folderFaults, command: (path) => ['show', path] },
  'diff <run>': { as: 'show <run>' },
  'compare --in': { as: 'show --in' },
  'compare --out': { as: 'graph --out' },
  'compare <run>': { faults: oneOfEach(fileFaults), command: (path) => ['compare', path, path] },
  'exec-node <task>': { faults: fileFaults, command: (path) => ['exec-node', path, '--store', 'store'] },
  'exec-node --store': { as: 'worker --store' },
  'worker --store': {
    faults: without(folderFaults, 'nothing'),
    command: (path) => ['worker', '--executor', './idle.mjs', '--store', path],
  },
  'worker --in': {
    faults: oneOfEach(folderFaults),
    command: (path) => ['worker', '--executor', './idle.mjs', '--store', 'store', '--in', path],
  },
  'store verify --store': { faults: folderFaults, command: (path) => ['store', 'verify', '--store', path] },
  'store gc --store': { faults: folderFaults, command: (path) => ['store', 'gc', '--store', path] },
  'store du --store': { faults: folderFaults, command: (path) => ['store', 'du', '--store', path] },
};

/** Files that a command looks at beside the study, or that the study names. */
const files: Readonly<Record<string, Place>> = {
  'the lock': {
    faults: without(placed, 'a link to nothing'),
    at: 'study.lock.json',
    command: () => ['plan', 'study.json'],
  },
  'a plugin of one file': { faults: modules, at: 'given.mjs', command: () => ['plan', 'with-plugin.json'] },
  'an executor of one file': {
    faults: modules,
    at: 'given.mjs',
    command: () => ['run', 'study.json', '--executor', './given.mjs'],
  },
  'the package.json of a plugin': {
    faults: without(placed, 'a link to nothing'),
    at: 'local-metric/package.json',
    command: () => ['plan', 'study.json'],
  },
  'the schema': {
    faults: placed,
    at: '.espalier/study.schema.json',
    command: () => ['plan', 'study.json'],
    takes: [...replaced, 'a folder'],
  },
  'the folder of records': {
    faults: without(
      folderFaults,
      'nothing',
      'a link to nothing',
      'a path through a file',
      'a name too long',
      'a path too long',
    ),
    at: '.espalier/runs',
    command: () => ['runs'],
  },
  'the events of a run': {
    faults: without(placed, 'a link to nothing', ...contents),
    at: '.espalier/runs/20260101T000000Z-0000/events.ndjson',
    command: () => ['show', 'latest'],
  },
};

test('every path that a command takes is held against what else may stand there', async () => {
  const folder = temporaryFolder();
  const help = async (...words: string[]): Promise<string> => (await espalier(folder, ...words, '--help')).out;
  const commandsIn = (text: string): readonly string[] =>
    [...text.slice(text.indexOf('Commands:')).matchAll(/^ {2}([a-z][\w-]*) /gm)].map(([, name]) => name!);
  const found: string[] = [];
  for (const name of commandsIn(await help())) {
    if (name === 'help') continue;
    const below = /^Commands:/m.test(await help(name)) ? commandsIn(await help(name)) : [];
    const all = below.length > 0 ? below.filter((each) => each !== 'help').map((each) => [name, each]) : [[name]];
    for (const words of all) {
      const text = await help(...words);
      const usage = /^Usage:.*$/m.exec(text)?.[0] ?? '';
      for (const [argument] of usage.matchAll(/[<[](study|task|run|file|folder|place)[>\]]/g))
        found.push(`${words.join(' ')} ${argument}`);
      for (const [, flag] of text.matchAll(/(--[\w-]+) <(?:folder|file|place)>/g))
        found.push(`${words.join(' ')} ${flag}`);
    }
  }
  expect([...found].sort()).toEqual(Object.keys(places).sort());
  for (const place of Object.values(places)) if ('as' in place) expect(places).toHaveProperty([place.as]);
});

/** A project in which everybody may write. */
function openProject(): string {
  const project = outsideProject();
  const study = { apiVersion: 'study/v1', name: 'x', plugins: { own: './given.mjs' }, seed: 1, nodes: {} };
  writeFileSync(join(project, 'with-plugin.json'), JSON.stringify(study));
  writeFileSync(
    join(project, 'idle.mjs'),
    "export const apiVersion = 'plugin/v1'; export const serveTasks = async () => {};\n",
  );
  const run = join(project, '.espalier/runs/20260101T000000Z-0000');
  mkdirSync(run, { recursive: true });
  const header = {
    id: 'x',
    study: { name: 'x', digest: 'x', profile: null },
    command: 'x',
    startedAt: '2026-01-01T00:00:00.000Z',
  };
  writeFileSync(
    join(run, 'run.json'),
    JSON.stringify({ ...header, node: 'x', platform: 'x', instances: 0, store: '../../store' }),
  );
  for (const folder of [dirname(project), project, join(project, '.espalier'), join(project, '.espalier/runs'), run])
    chmodSync(folder, 0o777);
  return project;
}

const rows = Object.entries({ ...places, ...files }).flatMap(([name, place]) =>
  'as' in place ? [] : [[name, place] as const],
);

describe.each(rows)('%s', (_, { faults, at, command, takes = [] }) => {
  test.each(faults)('with $name', async ({ name, missing, make, during }) => {
    if (missing !== undefined) return;
    const project = openProject();
    const path = join(project, at ?? 'given');
    if (at !== undefined) rmSync(path, { recursive: true, force: true });
    mkdirSync(dirname(path), { recursive: true });
    const given = make(path);
    const before = process.cwd();
    process.chdir(project);
    const work = async (): Promise<void> => {
      const { code, out, err } = await espalier(project, ...command(given));
      const text = `${out}${err}`.replaceAll('<project>', project);
      if (takes.includes(name)) expect([code, err]).toEqual([0, expect.not.stringMatching(/^error/)]);
      else {
        expect([code, unhelpful(text, at === undefined ? given : path)]).toEqual([code, undefined]);
        expect(code).toBeGreaterThan(0);
      }
    };
    try {
      await (during ? during(given, work) : work());
    } finally {
      process.chdir(before);
    }
  });
});
