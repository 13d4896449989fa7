import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { randomStream } from '@espalier/core';
import { collectGarbage, diskReader, folderParts, verifyStore } from '@espalier/store';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { main } from '../src/command-line/cli.ts';
import type { RunEvent } from '../src/index.ts';
import { nodeOf, runToy, toyStudy } from './toy-study.ts';

/** Runs the command in front of nobody; the store is written as <store>. */
async function espalier(store: string, ...argv: string[]): Promise<{ code: number; out: string }> {
  let out = '';
  const write = (text: string) => {
    out += text;
  };
  const code = await main(argv, { isTerminal: false, columns: 80, write, writeError: write });
  return { code, out: out.replaceAll(store, '<store>') };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A store that a run has filled. */
async function filled(study = toyStudy()): Promise<{ folder: string; store: string }> {
  const folder = temporaryFolder();
  await runToy(folder, study, { profile: 'short' });
  return { folder, store: join(folder, '.espalier/store') };
}

function flipBit(file: string, bit: number): void {
  const bytes = readFileSync(file);
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  writeFileSync(file, bytes);
}

test('verify names what is damaged, repairs it, and the next run computes it again', async () => {
  const { folder, store } = await filled();
  expect(await espalier(store, 'store', 'verify', '--store', store)).toEqual({ code: 0, out: '<store> is whole.\n' });
  const files = filesIn(join(store, 'cas'));
  flipBit(files.find((file) => readFileSync(file, 'utf8').includes('mass'))!, 3);
  flipBit(filesIn(join(store, 'keys'))[0]!, 100);
  const { code, out } = await espalier(store, 'store', 'verify', '--store', store);
  expect(code).toBe(1);
  expect(out).toMatch(/^damaged {2}<store>\/cas\/.*: does not hold what its name says$/m);
  expect(out).toMatch(/^damaged {2}<store>\/keys\/.*: is damaged: it does not hold what its checksum says$/m);
  expect(out).toMatch(/Found \d damaged files in <store>\. --repair removes them; the next run then computes again/);
  expect((await espalier(store, 'store', 'verify', '--store', store, '--repair')).code).toBe(0);
  expect((await espalier(store, 'store', 'verify', '--store', store)).code).toBe(0);
  const again = await runToy(folder, toyStudy(), { profile: 'short' });
  expect(again.status).toBe('ok');
});

test('every single bit that flips in a blob or a record is found, and the results come out the same', async () => {
  const { folder, store } = await filled();
  const output = join(folder, '.espalier/out/toy/list.txt');
  const expected = readFileSync(output, 'utf8');
  const random = randomStream(4, 'bit flips');
  const files = () => [...filesIn(join(store, 'cas')), ...filesIn(join(store, 'keys'))];
  let found = 0;
  for (let round = 0; round < 15; round++) {
    const before = new Map(files().map((file) => [file, readFileSync(file)]));
    for (const [file, bytes] of before) flipBit(file, random.integer(8 * bytes.length));
    const { damages } = await verifyStore(folderParts(store));
    const damaged = new Set(damages.map(({ path }) => path));
    expect([...before.keys()].filter((file) => !damaged.has(file))).toEqual([]);
    for (const [file, bytes] of before) writeFileSync(file, bytes);
    found += before.size;
  }
  expect(found).toBeGreaterThan(500);
  // A run takes longer than reading all.
  for (let flip = 0; flip < 12; flip++) {
    const all = files();
    const file = all[random.integer(all.length)]!;
    flipBit(file, random.integer(8 * readFileSync(file).length));
    const result = await runToy(folder, toyStudy(), { profile: 'short' });
    expect([...result.failures]).toEqual([]);
    expect(readFileSync(output, 'utf8')).toBe(expected);
    await espalier(store, 'store', 'verify', '--store', store, '--repair'); // a run does not read what nothing needs
  }
}, 240_000);

test('a run that reads a damaged blob computes its source again and goes on', async () => {
  const { folder, store } = await filled();
  for (const file of filesIn(join(store, 'cas'))) flipBit(file, 9);
  const study = toyStudy();
  Object.assign(nodeOf(study, 'mass'), { baseline: { axis: 'sparsity', at: 0 } }); // reads maps again
  const events: RunEvent[] = [];
  const result = await runToy(folder, study, { profile: 'short', listener: (event) => void events.push(event) });
  expect([...result.failures]).toEqual([]);
  expect(events.flatMap((event) => (event.type === 'damaged' ? [event.instance] : []))).toContain(
    'attr[explainer=toy/flat,seed=0,sparsity=0]',
  );
  const other = await runToy(temporaryFolder(), study, { profile: 'short' });
  expect(readFileSync(result.outputs[0]!, 'utf8')).toBe(readFileSync(other.outputs[0]!, 'utf8'));
});

test('gc removes what nothing needs, and nothing that a result or a run may need', async () => {
  const { folder, store } = await filled();
  const before = filesIn(store);
  const old = new Date(Date.now() - 2 * 3_600_000);
  const put = (path: string, when: Date) => {
    mkdirSync(join(store, path, '..'), { recursive: true });
    writeFileSync(join(store, path), 'x');
    utimesSync(join(store, path), when, when);
  };
  put(`cas/sha256/aa/${'a'.repeat(64)}`, old);
  put(`cas/sha256/bb/${'b'.repeat(64)}`, new Date()); // its record may be about to come
  put('cas/sha256/aa/.torn.1.2', old);
  put(`leases/${'c'.repeat(64)}`, old);
  const done = basename(before.find((path) => path.includes('/keys/'))!, '.json');
  put(`checkpoints/${done}.round-2.safetensors`, new Date());
  const dry = await espalier(store, 'store', 'gc', '--store', store, '--dry');
  expect(dry.out).toBe(
    `<store>/cas/sha256/aa/${'a'.repeat(64)}\n<store>/checkpoints/${done}.round-2.safetensors\n<store>/cas/sha256/aa/.torn.1.2\nWould remove 3 files, 0 MiB.\n`,
  );
  expect((await espalier(store, 'store', 'gc', '--store', store)).out).toBe('Removed 3 files, 0 MiB.\n');
  expect(filesIn(store)).toEqual([...before, join(store, `cas/sha256/bb/${'b'.repeat(64)}`)].sort());
  const events: RunEvent[] = [];
  await runToy(folder, toyStudy(), { profile: 'short', listener: (event) => void events.push(event) });
  expect(events.filter(({ type }) => type === 'started')).toEqual([]);
});

test('gc --unused-for keeps what a run has used since', async () => {
  const { folder, store } = await filled();
  await runToy(folder, { ...toyStudy(), seed: 8 }, { profile: 'short' });
  const old = new Date(Date.now() - 40 * 86_400_000);
  for (const file of filesIn(store)) utimesSync(file, old, old);
  await runToy(folder, toyStudy(), { profile: 'short' }); // uses its own results
  await espalier(store, 'store', 'gc', '--store', store, '--unused-for', '30d');
  const started = async (study: Record<string, unknown>) => {
    const events: RunEvent[] = [];
    await runToy(folder, study, { profile: 'short', listener: (event) => void events.push(event) });
    return events.filter(({ type }) => type === 'started').length;
  };
  expect(await started(toyStudy())).toBe(0);
  expect(await started({ ...toyStudy(), seed: 8 })).toBeGreaterThan(5);
});

test('du shows what takes how much room', async () => {
  const { store } = await filled();
  const { out } = await espalier(store, 'store', 'du', '--store', store);
  expect(out).toMatch(/^toy-plugins\/gradient +3 +\d+ MiB$/m);
  expect(out).toMatch(/^core\/train +1 +\d+ MiB$/m);
  expect(out).toMatch(/^total +\d+ +\d+ MiB$/m);
  expect(existsSync(store)).toBe(true);
});

test('a store that is not there', async () => {
  const { code, out } = await espalier('none', 'store', 'du', '--store', '/no/such/store');
  expect([code, out]).toEqual([
    2,
    'error [study/unreadable]: There is no store in /no/such/store. Name the study beside which it is, or the folder itself with --store.\n',
  ]);
});

test('gc leaves alone what a run uses while it works, and what no store writes', async () => {
  const { store } = await filled();
  const old = new Date(Date.now() - 2 * 3_600_000);
  const names = ['a', 'b'].map((letter) => join(store, `cas/sha256/${letter}${letter}`, letter.repeat(64)));
  const mine = join(store, 'keys/notes.txt');
  for (const path of [...names, mine]) {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, 'x');
    utimesSync(path, old, old);
  }
  let looks = 0;
  const about = (path: string) => {
    // A run puts the second blob again after gc has listed it.
    if (path === names[1] && ++looks === 3) utimesSync(path, new Date(), new Date());
    return diskReader.about(path);
  };
  const options = { unusedForMs: null, dry: false, nowMs: Date.now() };
  const { garbage, strange } = await collectGarbage(folderParts(store, { ...diskReader, about }), options);
  expect(garbage.map(({ path }) => path)).toEqual([names[0]]);
  expect([strange, names.map((path) => existsSync(path)), existsSync(mine)]).toEqual([1, [false, true], true]);
});
