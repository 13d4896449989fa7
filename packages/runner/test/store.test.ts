import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canonicalJson, sha256 } from '../src/canonical-json.ts';
import { writeDurably } from '../src/durable-files.ts';
import { keyComponents, keyOf } from '../src/keys.ts';
import { folderStore, type KeyRecord } from '../src/store.ts';
import { temporaryFolder } from './toy-study.ts';

const components = keyComponents({
  type: 'toys/toy',
  cacheVersion: '1',
  package: { version: '1.0.0', code: null },
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

test('a key is the SHA-256 of the components as canonical JSON', () => {
  // $ printf '%s' '{"baseline":null,...}' | sha256sum
  expect(canonicalJson(components)).toBe(
    '{"baseline":null,"cacheVersion":"1","fingerprint":null,"inputs":{},"keyFormat":1,"numerics":null,' +
      '"options":{"a":[1],"b":2},"package":{"code":null,"version":"1.0.0"},"report":null,"seed":3,"type":"toys/toy"}',
  );
  expect(keyOf(components)).toBe(sha256(canonicalJson(components)));
  expect(keyOf({ ...components, options: { a: [1], b: 2 } })).toBe(keyOf(components));
  expect(keyOf({ ...components, seed: 4 })).not.toBe(keyOf(components));
  expect(() => canonicalJson({ a: Number.NaN })).toThrowErrorMatchingInlineSnapshot(
    `[StudyError: Expected a number that JSON can hold, found NaN.]`,
  );
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
    `"[store-corrupt] <store>/cas/sha256/9a/9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c does not hold what its name says. The results that need it are computed again: run the study once more."`,
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
  expect(error.code).toBe('disk-full');
  expect(filesIn(folder)).toEqual([]);
});

test('a folder that may not be written to is named', async () => {
  const disk = {
    write: () => Promise.reject(Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })),
  };
  const error = await writeDurably(join(temporaryFolder(), 'b.bin'), Buffer.alloc(1), { disk }).catch((e) => e);
  expect(error.message.replace(/\S*espalier-\w+/, '<folder>')).toMatchInlineSnapshot(
    `"The folder <folder> cannot be written to (EACCES: permission denied). Expected a folder with room for new files: change its permissions, or choose another with --store or --out."`,
  );
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
