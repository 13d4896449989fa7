import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  canonicalJson,
  diskReader,
  findRecord,
  folderStore,
  type KeyRecord,
  keyComponents,
  keyOf,
  sha256,
  writeDurably,
} from '../src/index.ts';
import { quickDisk, temporaryFolder } from './temporary-folder.ts';

const components = keyComponents({
  type: 'toys/toy',
  cacheVersion: '1',
  opens: {},
  packages: { toys: { version: '1.4.0', code: null, draft: false } },
  options: { b: 2, a: [1] },
  fingerprint: null,
  inputs: {},
  baseline: null,
  seed: 3,
  numerics: null,
  report: null,
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test('a key is the SHA-256 of the components as canonical JSON, and of the code', () => {
  // $ printf '%s' '{"baseline":null,...}' | sha256sum
  const declared =
    '{"baseline":null,"cacheVersion":"1","fingerprint":null,"inputs":{},"keyFormat":2,"numerics":null,"opens":{},' +
    '"options":{"a":[1],"b":2},"packages":{"toys":"1"},"report":null,"seed":3,"type":"toys/toy"}';
  const code = '{"toys":{"code":null,"draft":false,"version":"1.4.0"}}';
  expect(keyOf(components)).toBe(`${sha256(declared)}-${sha256(code).slice(0, 16)}`);
  expect(keyOf({ ...components, options: { a: [1], b: 2 } })).toBe(keyOf(components));
  expect(keyOf({ ...components, seed: 4 })).not.toBe(keyOf(components));
  expect(() => canonicalJson({ a: Number.NaN })).toThrowErrorMatchingInlineSnapshot(
    `[StudyError: Expected a number that JSON can hold, found NaN.]`,
  );
});

test('other code changes the second half of a key, what a version breaks also the first', () => {
  const halves = (version: string, code: string | null, draft = false) =>
    keyOf({ ...components, packages: { toys: { version, code, draft } } }).split('-');
  const [declared, exact] = halves('1.4.0', null);
  for (const [version, code] of [
    ['1.4.1', null],
    ['1.9.0', null],
    ['1.4.0', 'edited'],
  ] as const) {
    expect(halves(version, code)[0]).toBe(declared);
    expect(halves(version, code)[1]).not.toBe(exact);
  }
  expect(halves('2.0.0', null)[0]).not.toBe(declared);
  expect(halves('0.1.0', null)[0]).toBe(halves('0.1.9', null)[0]);
  expect(halves('0.1.0', null)[0]).not.toBe(halves('0.2.0', null)[0]);
  expect(halves('1.0.0-beta.1', null)[0]).not.toBe(halves('1.0.0-beta.2', null)[0]); // promises nothing
  expect(halves('0.0.0', 'one', true)[0]).not.toBe(halves('0.0.0', 'two', true)[0]);
});

test('a result of other code is found by its declared method, the newest first', async () => {
  const store = folderStore(temporaryFolder(), quickDisk);
  const blob = await store.putBlob(Buffer.from('scores'));
  const record = (code: string, at: string): KeyRecord => {
    const made = { ...components, packages: { toys: { version: '1.4.0', code, draft: false } } };
    return { key: keyOf(made), components: made, outputs: {}, blobs: [blob], madeAs: { instance: 'gini', at, ms: 5 } };
  };
  const [old, newer, now] = [record('a', '2026-01-01'), record('b', '2026-01-02'), record('c', '2026-01-03')];
  await store.putRecord(newer);
  await store.putRecord(old);
  expect((await store.recordsOfOtherCode(now.key)).map(({ key }) => key)).toEqual([newer.key, old.key]);
  expect(await findRecord(store, now, { code: 'exact', ports: [] })).toBeUndefined();
  expect(await findRecord(store, now, { code: 'declared', ports: [] })).toEqual({
    record: newer,
    otherCode: ['code of toys 1.4.0, cacheVersion unchanged'],
  });
  await store.putRecord(now);
  expect(await findRecord(store, now, { code: 'declared', ports: [] })).toEqual({ record: now, otherCode: [] });
  expect(await findRecord(store, now, { code: 'declared', ports: ['scores'] })).toBeUndefined();
  await store.forget(now.key);
  expect(await findRecord(store, now, { code: 'declared', ports: [] })).toBeUndefined();
});

test('a record that names a file outside the store is not believed, and nothing outside is touched', async () => {
  const folder = temporaryFolder();
  const store = folderStore(join(folder, 'store'), quickDisk);
  const precious = join(folder, 'precious');
  writeFileSync(precious, 'weights');
  const hostile = '../../../../precious';
  const key = keyOf(components);
  const blobs = [{ sha256: hostile, bytes: 7 }];
  await store.putRecord({ key, components, outputs: {}, blobs, madeAs: { instance: 'gini', at: '', ms: 0 } });
  expect(await store.record(key)).toBeUndefined();
  expect(await store.damage(key)).toContain('names a blob "../../../../precious", which is no SHA-256');
  await expect(store.blob(hostile)).rejects.toThrow('expected the 64 digits of a SHA-256');
  expect(await store.record('../../precious')).toBeUndefined();
  expect(readFileSync(precious, 'utf8')).toBe('weights');
});

test('a blob is found by its content and checked when read', async () => {
  const store = folderStore(temporaryFolder());
  const bytes = Buffer.from('weights');
  const ref = await store.putBlob(bytes);
  expect(ref).toEqual({ sha256: sha256('weights'), bytes: 7 });
  expect(await store.blob(ref.sha256)).toEqual(bytes);

  const [path] = filesIn(store.folder);
  const flipped = readFileSync(path!);
  flipped[0]! ^= 1;
  writeFileSync(path!, flipped);
  const error = await store.blob(ref.sha256).catch((reason) => reason);
  expect(`[${error.code}] ${error.message.replace(store.folder, '<store>')}`).toMatchInlineSnapshot(
    `"[store/corrupt] <store>/cas/sha256/9a/9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c does not hold what its name says. The results that need it are computed again: run the study once more."`,
  );
  expect(filesIn(store.folder)).toEqual([]);
});

test('a record is believed only if it is whole, is of this key, and its blobs are there', async () => {
  const store = folderStore(temporaryFolder());
  const blob = await store.putBlob(Buffer.from('scores'));
  const key = keyOf(components);
  const record: KeyRecord = {
    key,
    components,
    outputs: { scores: { kind: 'scores', digest: 'd', manifest: blob.sha256, bytes: 6 } },
    blobs: [blob],
    madeAs: { instance: 'gini', at: '2026-01-01T00:00:00.000Z', ms: 5 },
  };
  await store.putRecord(record);
  expect(await store.record(key)).toEqual(record);
  expect(await store.record(keyOf({ ...components, seed: 9 }))).toBeUndefined();

  const path = filesIn(join(store.folder, 'keys'))[0]!;
  const text = readFileSync(path, 'utf8');
  for (let bit = 0; bit < text.length * 8; bit += 97) {
    const damaged = Buffer.from(text);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    writeFileSync(path, damaged);
    const read = await store.record(key);
    // A flip that JSON does not see (a space for a tab) changes nothing.
    if (read) expect(read).toEqual(record);
  }
  writeFileSync(path, text);
  writeFileSync(filesIn(join(store.folder, 'cas'))[0]!, 'short');
  expect(await store.record(key)).toBeUndefined();
  expect(await store.damage(key)).toMatch(/^its data .* have 5 bytes, not 6$/);
});

test('a write that fails leaves nothing behind, and says what was missing', async () => {
  const folder = temporaryFolder();
  const disk = {
    async write(path: string, bytes: Uint8Array) {
      writeFileSync(path, bytes.subarray(0, 3));
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
  };
  const error = await writeDurably(join(folder, 'a/b.bin'), Buffer.alloc(1000), { disk, root: folder }).catch((e) => e);
  expect(error.message.replace(folder, '<folder>').replace(/\d+ bytes are/, 'N bytes are')).toMatchInlineSnapshot(
    `"The disk that holds <folder> is full: 1000 bytes were to be written, N bytes are free. Free some space, or put the store on another disk with --store, and run again: what is finished is kept."`,
  );
  expect(error.code).toBe('files/disk-full');
  expect(filesIn(folder)).toEqual([]);
});

test('a folder that may not be written to is named', async () => {
  const disk = {
    write: () => Promise.reject(Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })),
  };
  const error = await writeDurably(join(temporaryFolder(), 'b.bin'), Buffer.alloc(1), { disk }).catch((e) => e);
  expect(error.message.replace(/\S*espalier-\w+/, '<folder>')).toMatchInlineSnapshot(
    `"The folder <folder> cannot be written to (EACCES: permission denied). Expected a folder with room for new files: change its permissions, or choose another with --home, --store or --out."`,
  );
});

test('checkpoints of several stages stand beside each other, and all go when their key is forgotten', async () => {
  const folder = temporaryFolder();
  const store = folderStore(folder);
  const key = `${'a'.repeat(64)}-${'b'.repeat(16)}`;
  const all = [undefined, 'round-1', 'round-2'].map((stage) => store.checkpoint(key, stage));
  for (const [i, checkpoint] of all.entries()) await checkpoint.write(Buffer.from(`${i}`));
  const read = async () => Promise.all(all.map(async (checkpoint) => (await checkpoint.read())?.toString()));
  expect(await read()).toEqual(['0', '1', '2']);
  await all[1]!.clear();
  expect(await read()).toEqual(['0', undefined, '2']);
  await store.forget(key);
  expect(await read()).toEqual([undefined, undefined, undefined]);
});

test('a checkpoint is replaced whole, and gone when cleared', async () => {
  const checkpoint = folderStore(temporaryFolder()).checkpoint('k');
  expect(await checkpoint.read()).toBeUndefined();
  await checkpoint.write(Buffer.from('one'));
  await checkpoint.write(Buffer.from('two'));
  expect((await checkpoint.read())!.toString()).toBe('two');
  await checkpoint.clear();
  expect(await checkpoint.read()).toBeUndefined();
});

test('a damaged blob of the right size is written anew when it is put, a good one is not', async () => {
  const store = folderStore(temporaryFolder());
  const bytes = Buffer.from('weights');
  const { sha256: digest } = await store.putBlob(bytes);
  const [path] = filesIn(store.folder);
  const { ino } = statSync(path!);
  await store.putBlob(bytes);
  expect(statSync(path!).ino).toBe(ino);
  writeFileSync(path!, 'Weights');
  await store.putBlob(bytes);
  expect(await store.blob(digest)).toEqual(bytes);
});

test('bytes that are damaged on the way from the disk once do not remove a good blob', async () => {
  const folder = temporaryFolder();
  const { sha256: digest } = await folderStore(folder).putBlob(Buffer.from('weights'));
  let reads = 0;
  const bytes = (path: string, most: number) => (reads++ === 0 ? Buffer.from('Weights') : diskReader.bytes(path, most));
  const store = folderStore(folder, quickDisk, { ...diskReader, bytes });
  expect((await store.blob(digest)).toString()).toBe('weights');
});

test.each([
  ['a pipe', (path: string) => void execFileSync('mkfifo', [path])],
  ['another text', (path: string) => writeFileSync(path, 'my store')],
])('an id that is %s is named, one that is a folder, too', async (_, put) => {
  const folder = temporaryFolder();
  put(join(folder, 'id'));
  await expect(folderStore(folder).id()).rejects.toThrow(`${join(folder, 'id')} does not hold 16 digits`);
  const other = temporaryFolder();
  mkdirSync(join(other, 'id'));
  await expect(folderStore(other).id()).rejects.toThrow(`at ${join(other, 'id')}, found a folder.`);
});

test('a pipe in the place of a checkpoint reads as a damaged one, and is replaced', async () => {
  const store = folderStore(temporaryFolder());
  const checkpoint = store.checkpoint('k');
  await checkpoint.write(Buffer.from('one'));
  const [path] = filesIn(store.folder);
  rmSync(path!);
  execFileSync('mkfifo', [path!]);
  expect(await checkpoint.read()).toHaveLength(0);
  await checkpoint.write(Buffer.from('two'));
  expect((await checkpoint.read())!.toString()).toBe('two');
});
