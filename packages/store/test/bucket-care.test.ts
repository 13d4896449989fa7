import { StudyError } from '@espalier/core';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  bucketParts,
  bucketStore,
  collectGarbage,
  folderStore,
  type GarbageOptions,
  type KeyRecord,
  keyComponents,
  keyOf,
  repairStore,
  type Store,
  storeUse,
  verifyStore,
} from '../src/index.ts';
import { memoryBucket } from './memory-bucket.ts';
import { byteDamages } from './store-damage.ts';
import { quickDisk, temporaryFolder } from './temporary-folder.ts';

const location = 's3://toys/lab';
const hourMs = 3_600_000;

let bucket: ReturnType<typeof memoryBucket>;
let made: KeyRecord;
/** The objects of the result. */
let [record, blob]: [string, string] = ['', ''];

/** The store as a machine sees it that has nothing yet. */
function machine(): Store {
  return bucketStore(bucket, folderStore(temporaryFolder(), quickDisk), location);
}

const components = keyComponents({
  type: 'toys/toy',
  cacheVersion: '1',
  opens: {},
  packages: { toys: { version: '1.0.0', code: 'a', draft: false } },
  options: {},
  fingerprint: null,
  inputs: {},
  baseline: null,
  seed: 1,
  numerics: null,
  report: null,
});

async function make(store: Store): Promise<KeyRecord> {
  const blobs = [await store.putBlob(Buffer.from('some data'))];
  const madeAs = { instance: 'toy', at: '2026-01-01', ms: 1 };
  const made: KeyRecord = { key: keyOf(components), components, outputs: {}, blobs, madeAs };
  await store.putRecord(made);
  return made;
}

beforeEach(async () => {
  bucket = memoryBucket();
  made = await make(machine());
  record = `keys/${made.key.slice(0, 2)}/${made.key}.json`;
  blob = `cas/sha256/${made.blobs[0]!.sha256.slice(0, 2)}/${made.blobs[0]!.sha256}`;
});

const verify = () => verifyStore(bucketParts(bucket, location));
const clean = (more: Partial<GarbageOptions> = {}) =>
  collectGarbage(bucketParts(bucket, location), {
    unusedForMs: null,
    dry: false,
    nowMs: Date.now() + 2 * hourMs,
    ...more,
  }).then(({ garbage }) => garbage.map(({ path }) => path));

const failure = (what: Promise<unknown>): Promise<string> =>
  what.then(
    (value) => `no error, but ${JSON.stringify(value)}`,
    (error) => (StudyError.is(error) ? `[${error.code}] ${error.message}` : `no StudyError, but ${error}`),
  );

const damages: readonly [string, (bytes: Buffer) => Buffer | undefined][] = [
  ...byteDamages,
  ['nothing', () => undefined],
];

describe.each(['record', 'blob'] as const)('in the place of a %s', (part) => {
  test.each(damages)('%s: it is named, nothing else is lost, and a run makes it anew', async (name, damage) => {
    const object = part === 'record' ? record : blob;
    const isGone = name === 'nothing';
    const bytes = damage(Buffer.from(bucket.objects.get(object)!));
    if (bytes) bucket.objects.set(object, bytes);
    else bucket.objects.delete(object);
    const before = new Map(bucket.objects);

    const { damages } = await verify();
    const expected =
      part === 'blob' && !isGone ? [`${location}/${blob}`, `${location}/${record}`] : [`${location}/${record}`];
    expect(damages.map(({ path }) => path)).toEqual(part === 'record' && isGone ? [] : expected);
    expect(bucket.objects).toEqual(before);

    const cleaned = await failure(clean());
    if (part === 'blob') expect(cleaned).toBe('no error, but []');
    else if (isGone) expect(cleaned).toBe(`no error, but ["${location}/${blob}"]`);
    else
      expect(cleaned).toMatch(
        new RegExp(`^\\[store/corrupt\\] ${location}/${record} is damaged: .* nothing was removed`),
      );
    if (!(part === 'record' && isGone)) expect(bucket.objects).toEqual(before);

    const parts = bucketParts(bucket, location);
    const { removed } = await repairStore(parts, await verifyStore(parts));
    expect(removed.map(({ path }) => path)).toEqual(damages.map(({ path }) => path));
    await make(machine());
    expect(await verify()).toEqual({ damages: [], strange: [] });
    expect(await machine().record(made.key)).toEqual(made);
  });
});

describe('what one reader sees wrong once costs nothing', () => {
  const flipOnce = (object: string): void => {
    const { get } = bucket;
    bucket.get = async (name, most) => {
      const bytes = await get(name, most);
      if (name !== object) return bytes;
      bucket.get = get;
      return bytes && byteDamages.get('one flipped bit')!(Buffer.from(bytes));
    };
  };
  test.each(['record', 'blob'] as const)('flipped bytes of a %s', async (part) => {
    const object = part === 'record' ? record : blob;
    const before = new Map(bucket.objects);
    flipOnce(object);
    expect((await verify()).damages).toEqual([]);
    flipOnce(object);
    expect(await clean()).toEqual([]);
    expect(bucket.objects).toEqual(before);
  });

  test('a listing without a record', async () => {
    const { entries } = bucket;
    let listings = 0;
    bucket.entries = async (prefix) => {
      const found = await entries(prefix);
      return listings++ === 0 ? found.filter(({ name }) => name !== record) : found;
    };
    expect(await clean()).toEqual([]);
  });

  test('a record that is listed and not found stops all', async () => {
    const { get } = bucket;
    bucket.get = async (name, most) => (name === record ? undefined : get(name, most));
    expect(await failure(clean())).toMatch(
      new RegExp(`^\\[store/corrupt\\] ${location}/${record} is in the listing, but`),
    );
    expect((await verify()).damages[0]?.path).toBe(`${location}/${record}`);
    expect(bucket.objects.size).toBe(2);
  });

  test('what cannot be read stops all with its name', async () => {
    bucket.get = async (name) => {
      throw new StudyError('store/no-answer', `GET ${name} ended with 503.`);
    };
    for (const attempt of [clean(), verify(), storeUse(bucketParts(bucket, location))])
      expect(await failure(attempt)).toBe(`[store/no-answer] GET ${record} ended with 503.`);
    expect(bucket.objects.size).toBe(2);
  });
});

test('gc removes what nothing needs, and nothing that a result or a run may need', async () => {
  const [old, fresh, again] = ['a', 'b', 'c'].map((letter) => `cas/sha256/${letter}${letter}/${letter.repeat(64)}`);
  const checkpoints = [
    `checkpoints/${made.key}.round-2.safetensors`,
    `checkpoints/${'d'.repeat(64)}-${'d'.repeat(16)}.safetensors`,
  ];
  const strange = ['keys/notes.txt', 'mine.txt', 'id'];
  for (const name of [old, fresh, again, ...checkpoints, ...strange]) {
    await bucket.put(name!, Buffer.from('x'));
    bucket.putAt.set(name!, name === fresh ? Date.now() + 2 * hourMs : 0);
  }
  const { entries } = bucket;
  bucket.entries = async (prefix) => {
    if (prefix === again) bucket.putAt.set(again, Date.now() + 2 * hourMs); // a run puts it after gc has listed it
    return entries(prefix);
  };
  const expected = [old, checkpoints[0]].map((name) => `${location}/${name}`);
  expect(await clean({ dry: true })).toEqual([expected[0], `${location}/${again}`, expected[1]]);
  expect(bucket.objects.size).toBe(10);
  expect(await clean()).toEqual(expected);
  expect([...bucket.objects.keys()].sort()).toEqual([record, blob, fresh, again, checkpoints[1], ...strange].sort());
  expect((await verify()).strange).toEqual([`${location}/keys/notes.txt`, `${location}/mine.txt`]);
});

test('gc asks for no times that a bucket does not have', async () => {
  expect(await failure(clean({ unusedForMs: hourMs }))).toMatch(
    /^\[core\/not-supported\] s3:\/\/toys\/lab does not note when a result was last used/,
  );
  const { entries: _, ...without } = bucket;
  expect(() => bucketParts(without, location)).toThrow(
    /^The package for s3:\/\/toys\/lab does not tell sizes and times/,
  );
});

test('du shows what takes how much room', async () => {
  const bytes = bucket.objects.get(record)!.length + 'some data'.length;
  await bucket.put('mine.txt', Buffer.from('x'));
  expect(await storeUse(bucketParts(bucket, location))).toEqual([
    { type: 'toys/toy', results: 1, bytes },
    { type: '(what no store writes)', results: 1, bytes: 1 },
  ]);
});
