import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { StudyError } from '@espalier/core';
import { collectGarbage, type DiskReader, folderParts, folderStore, storeUse, verifyStore } from '@espalier/store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  byteDamages,
  damageBytes,
  failingDisk,
  folderMisfits,
  misfits,
  readErrors,
} from '../../store/test/store-damage.ts';
import { quickDisk, temporaryFolder } from '../../store/test/temporary-folder.ts';
import { main } from '../src/command-line/cli.ts';
import { type RunEvent, type RunResult, tokens } from '../src/index.ts';
import { runToy, smallStudy } from './toy-study.ts';

/** A project whose study has been run; every test works on a copy. */
let original: string;

beforeAll(async () => {
  original = mkdtempSync(join(tmpdir(), 'espalier-'));
  await runToy(original, smallStudy());
});
afterAll(() => rmSync(original, { recursive: true, force: true }));

interface Project {
  readonly folder: string;
  readonly store: string;
  /** The list that the report wrote: its record, and the blob that holds it. */
  readonly record: string;
  readonly blob: string;
  /** A free path outside the store. */
  readonly away: string;
}

function project(): Project {
  const folder = temporaryFolder();
  cpSync(original, folder, { recursive: true, preserveTimestamps: true });
  const store = join(folder, '.espalier/store');
  const list = readFileSync(join(folder, '.espalier/out/toy/list.txt'));
  const blob = filesIn(join(store, 'cas')).find((path) => readFileSync(path).equals(list))!;
  const record = filesIn(join(store, 'keys')).find((path) => readFileSync(path, 'utf8').includes(basename(blob)))!;
  return { folder, store, record, blob, away: join(folder, 'away') };
}

/** Nothing of what a store held is gone or other; a report that goes on without what could not be read may be new. */
function expectKept(store: string, before: ReadonlyMap<string, string>): void {
  const now = contentsOf(store, '');
  expect(new Map([...before.keys()].map((file) => [file, now.get(file)]))).toEqual(before);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** What is in a store, but for claims; a damaged file is left out. */
function contentsOf(store: string, but: string): ReadonlyMap<string, string> {
  const files = filesIn(store).filter((path) => path !== but);
  return new Map(files.map((path) => [path, readFileSync(path, 'base64')]));
}

async function espalier(...argv: string[]): Promise<{ code: number; out: string }> {
  let out = '';
  const write = (text: string) => {
    out += text;
  };
  const code = await main(argv, { isTerminal: false, columns: 80, write, writeError: write });
  return { code, out };
}

async function run({ folder, store }: Project, disk?: DiskReader): Promise<RunResult & { started: number }> {
  const events: RunEvent[] = [];
  const result = await runToy(folder, smallStudy(), {
    listener: (event) => void events.push(event),
    bind: (container) => void container.rebind(tokens.store).toConstantValue(folderStore(store, quickDisk, disk)),
  });
  return { ...result, started: events.filter(({ type }) => type === 'started').length };
}

/** What a run says when it ends badly, or an error of one that did not begin. */
async function failureText(attempt: Promise<RunResult>): Promise<string> {
  try {
    const { failures, status } = await attempt;
    expect(status).toBe('failed');
    return [...failures.values()].map((failure) => ('text' in failure ? failure.text : '')).join('\n');
  } catch (error) {
    return textOf(error);
  }
}

function textOf(error: unknown): string {
  if (!StudyError.is(error)) throw error;
  return `[${error.code}] ${error.message}`;
}

const damages: [string, (path: string, away: string) => void | Promise<void>][] = [
  ...[...byteDamages].map(([name, damage]): [string, (path: string) => void] => [
    name,
    (path) => damageBytes(path, damage),
  ]),
  ...misfits,
];

describe.each(['record', 'blob'] as const)('in the place of a %s', (part) => {
  test.each(damages)('%s: it is named, nothing else is lost, and a run makes it anew', async (name, damage) => {
    const at = project();
    const path = at[part];
    const key = basename(at.record, '.json');
    await damage(path, at.away);
    const before = contentsOf(at.store, path);

    // read
    const store = folderStore(at.store, quickDisk);
    const isHidden = part === 'blob' && (name === 'one flipped bit' || name === 'zeros of the same size');
    expect((await store.record(key)) !== undefined).toBe(isHidden);
    const isGone = name === 'nothing' && part === 'record';
    if (!isHidden && !isGone) expect(await store.damage(key)).toContain(path);

    // verify
    const verified = await espalier('store', 'verify', '--store', at.store);
    expect(verified.code).toBe(isGone ? 0 : 1);
    if (!isGone) expect(verified.out).toContain(name === 'nothing' ? basename(path) : path);

    // gc
    const cleaned = await espalier('store', 'gc', '--store', at.store);
    const isDoubtful = part === 'record' && !isGone;
    expect(cleaned.code).toBe(isDoubtful ? 1 : 0);
    if (isDoubtful) expect(cleaned.out).toContain(path);
    expect(contentsOf(at.store, path)).toEqual(before);

    // run: damage of the same size is found when the bytes are needed, and what needs them is made by the next run
    rmSync(join(at.folder, '.espalier/out'), { recursive: true });
    await run(at);
    expect((await run(at)).status).toBe('ok');
    expect(await espalier('store', 'verify', '--store', at.store)).toMatchObject({ code: 0 });
    for (const [file, bytes] of before) {
      if (file !== at.record) expect([file, readFileSync(file, 'base64')]).toEqual([file, bytes]); // it says when it was made
    }
    expect(readFileSync(join(at.folder, '.espalier/out/toy/list.txt'))).toEqual(
      readFileSync(join(original, '.espalier/out/toy/list.txt')),
    );
  });
});

/** Each way to use a store, with its words where it ends badly. */
const uses: readonly [string, (at: Project, disk?: DiskReader) => Promise<string>][] = [
  [
    'read',
    ({ store, record }, disk) =>
      folderStore(store, quickDisk, disk)
        .record(basename(record, '.json'))
        .then((found) => JSON.stringify(found) ?? 'no record', textOf),
  ],
  ['verify', async ({ store }, disk) => sayingOf(verifyStore(folderParts(store, disk)))],
  [
    'gc',
    ({ store }, disk) =>
      collectGarbage(folderParts(store, disk), { unusedForMs: 0, dry: false, nowMs: Date.now() + 1e12 }).then(
        String,
        textOf,
      ),
  ],
  ['du', async ({ store }, disk) => sayingOf(storeUse(folderParts(store, disk)))],
  ['run', (at, disk) => failureText(run(at, disk))],
];

function sayingOf(look: Promise<unknown>): Promise<string> {
  return look.then((value) => JSON.stringify(value), textOf);
}

/** The folders of a store that a record or its data are in, by what they are called. */
const folders: readonly [string, (at: Project) => string][] = [
  ['keys', ({ store }) => join(store, 'keys')],
  ['keys/xx', ({ record }) => join(record, '..')],
  ['cas', ({ store }) => join(store, 'cas')],
  ['cas/sha256', ({ store }) => join(store, 'cas/sha256')],
  ['cas/sha256/xx', ({ blob }) => join(blob, '..')],
];

// A run takes much longer than all other uses together. What is in the place makes no difference to it that it would not make
// to them, so it is tried with one damage for each place, and with each damage at some place.
const usesBut = (isRun: boolean) => uses.filter(([use]) => isRun || use !== 'run');

describe.each(folders)('in the place of the folder %s', (name, folderOf) => {
  const place = folders.findIndex(([other]) => other === name);
  test.each([...folderMisfits])('%s: it stops all with its path, and nothing is lost', async (misfit, damage) => {
    const isRun = [...folderMisfits.keys()].indexOf(misfit) === place % folderMisfits.size;
    const at = project();
    const path = folderOf(at);
    await damage(path, at.away);
    const before = contentsOf(at.store, '');
    for (const [use, attempt] of usesBut(isRun)) {
      const text = await attempt(at);
      expect([use, text]).toEqual([use, expect.stringContaining(`Expected a folder of a store at ${path}, found `)]);
    }
    expectKept(at.store, before);
    rmSync(path);
    renameSync(at.away, path);
    if (isRun) expect(await run(at)).toMatchObject({ status: 'ok', started: 0 });
    expect(await espalier('store', 'verify', '--store', at.store)).toMatchObject({ code: 0 });
  });
});

describe.each(['record', 'blob'] as const)('a folder in the place of a %s', (part) => {
  test('it is named, left alone, and the rest is as it was when it is gone', async () => {
    const at = project();
    const path = at[part];
    renameSync(path, at.away);
    mkdirSync(path);
    const before = contentsOf(at.store, '');
    for (const [use, attempt] of uses.filter(([name]) => name === 'read' || name === 'run')) {
      expect([use, await attempt(at)]).toEqual([use, expect.stringContaining(`at ${path}, found a folder.`)]);
    }
    for (const flags of [[], ['--repair']]) {
      const { code, out } = await espalier('store', 'verify', '--store', at.store, ...flags);
      expect([code, out]).toEqual([1, expect.stringContaining(`damaged  ${path}: is a folder, not a file\n`)]);
    }
    expect(contentsOf(at.store, '')).toEqual(before);
  });
});

describe.each(readErrors)('a disk that says %s', (code) => {
  const places: [string, (at: Project) => string, readonly string[]][] = [
    ...folders.map(([name, folderOf]): [string, (at: Project) => string, readonly string[]] => [name, folderOf, []]),
    ['a record', ({ record }) => record, []],
    ['a blob', ({ blob }) => blob, []],
  ];
  test.each(places)('of %s stops all with its path, and nothing is lost', async (name, pathOf) => {
    const isRun = places.findIndex(([other]) => other === name) % readErrors.length === readErrors.indexOf(code);
    const at = project();
    const path = pathOf(at);
    const disk = failingDisk(code, (asked) => asked === path);
    const before = contentsOf(at.store, '');
    for (const [use, attempt] of usesBut(isRun)) {
      const text = await attempt(at, disk);
      expect([use, text]).toEqual([use, expect.stringContaining(path)]);
      expect(text).toContain('What cannot be read is not taken for missing');
    }
    expectKept(at.store, before);
    if (isRun) expect(await run(at)).toMatchObject({ status: 'ok', started: 0 });
  });
});

test('a store that is a link is followed, one that leads nowhere is named', async () => {
  const at = project();
  await folderMisfits.get('a link to where it was moved')!(at.store, at.away);
  expect(await run(at)).toMatchObject({ status: 'ok', started: 0 });
  expect((await espalier('store', 'verify', '--store', at.store)).code).toBe(0);
  rmSync(at.away, { recursive: true });
  for (const [use, attempt] of uses) {
    expect([use, await attempt(at)]).toEqual([use, expect.stringContaining(`${at.store}, found a link to nothing.`)]);
  }
  expect(existsSync(at.away)).toBe(false);
});
