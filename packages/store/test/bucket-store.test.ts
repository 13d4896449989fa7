import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  bucketLeases,
  bucketStore,
  folderStore,
  type KeyRecord,
  keyComponents,
  keyOf,
  type Store,
} from '../src/index.ts';
import { memoryBucket } from './memory-bucket.ts';
import { quickDisk, temporaryFolder } from './temporary-folder.ts';

const components = (code: string, seed = 1) =>
  keyComponents({
    type: 'toys/toy',
    cacheVersion: '1',
    opens: {},
    packages: { toys: { version: '1.0.0', code, draft: false } },
    options: {},
    fingerprint: null,
    inputs: {},
    baseline: null,
    seed,
    numerics: null,
    report: null,
  });

let bucket: ReturnType<typeof memoryBucket>;
let folder: string;
/** The store as another machine sees it: the same bucket, a folder of its own. */
let machine: (name: string) => Store;

beforeEach(() => {
  bucket = memoryBucket();
  folder = temporaryFolder();
  machine = (name) => bucketStore(bucket, folderStore(join(folder, name), quickDisk), 's3://toys');
});

async function made(store: Store, code = 'a', text = 'some data', at = '2026-01-01'): Promise<KeyRecord> {
  const blob = await store.putBlob(Buffer.from(text));
  const about = components(code);
  const record: KeyRecord = {
    key: keyOf(about),
    components: about,
    outputs: {},
    blobs: [blob],
    madeAs: { instance: 'toy', at, ms: 1 },
  };
  await store.putRecord(record);
  return record;
}

describe('a store in a bucket', () => {
  test('what one machine makes, another one has; each byte is fetched once', async () => {
    const record = await made(machine('one'));
    const other = machine('two');
    expect(await other.record(record.key)).toEqual(record);
    const { sha256 } = record.blobs[0]!;
    expect(Buffer.from(await other.blob(sha256)).toString()).toBe('some data');
    const before = bucket.calls.length;
    expect(Buffer.from(await other.blob(sha256)).toString()).toBe('some data');
    expect(bucket.calls).toHaveLength(before);
  });

  test('a record is put after all that it names, and never before what it names is there', async () => {
    await made(machine('one'));
    const puts = bucket.calls.filter((call) => call.startsWith('put'));
    expect(puts.map((call) => call.split('/')[0])).toEqual(['put cas', 'put keys']);
    for (const name of bucket.objects.keys()) if (name.startsWith('cas/')) bucket.objects.delete(name);
    expect(await machine('two').record(keyOf(components('a')))).toBeUndefined();
    expect(await machine('two').damage(keyOf(components('a')))).toMatch(/^its data s3:\/\/toys\/cas\/.* are missing$/);
  });

  test('of two that make the same, the first record stays; a damaged one is replaced', async () => {
    const first = await made(machine('one'), 'a', 'some data', '2026-01-01');
    await made(machine('two'), 'a', 'some data', '2026-02-02');
    expect((await machine('three').record(first.key))?.madeAs.at).toBe('2026-01-01');
    const name = [...bucket.objects.keys()].find((each) => each.startsWith('keys/'))!;
    bucket.objects.set(name, Buffer.from('{}'));
    expect(await machine('four').record(first.key)).toBeUndefined();
    await made(machine('five'), 'a', 'some data', '2026-03-03');
    expect((await machine('six').record(first.key))?.madeAs.at).toBe('2026-03-03');
  });

  test('every flipped bit of a blob is found, and what is damaged is put anew', async () => {
    const { blobs } = await made(machine('one'));
    const digest = blobs[0]!.sha256;
    const name = [...bucket.objects.keys()].find((each) => each.endsWith(digest))!;
    const sound = bucket.objects.get(name)!;
    for (let bit = 0; bit < 8 * sound.length; bit++) {
      const bytes = sound.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      bucket.objects.set(name, bytes);
      await expect(machine(`bit ${bit}`).blob(digest)).rejects.toThrow(/does not hold what its name says/);
    }
    await made(machine('two'));
    expect(Buffer.from(await machine('three').blob(digest)).toString()).toBe('some data');
  });

  test('what is whole after all is not computed again, and what this machine has whole heals the bucket', async () => {
    const one = machine('one');
    const { key, blobs } = await made(one);
    const name = [...bucket.objects.keys()].find((each) => each.endsWith(blobs[0]!.sha256))!;
    expect(await machine('two').verify?.(key)).toBeUndefined();
    bucket.objects.set(name, Buffer.from('sOme data'));
    expect(await machine('three').verify?.(key)).toBe(`its data s3://toys/${name} do not hold what their name says`);
    expect(await one.verify?.(key)).toBeUndefined();
    expect(await machine('four').verify?.(key)).toBeUndefined();
    bucket.objects.clear();
    expect(await machine('five').verify?.(key)).toMatch(/^its record s3:\/\/toys\/keys\/.* is missing$/);
    expect(await one.verify?.(key)).toBeUndefined();
    expect(await machine('six').record(key)).toEqual(await one.record(key));
  });

  test('names from outside lead nowhere', async () => {
    const store = machine('one');
    expect(await store.record('../../secret')).toBeUndefined();
    await expect(store.blob('../../secret')).rejects.toThrow(/SHA-256|is missing/);
    expect(bucket.calls.filter((call) => call.includes('secret'))).toEqual([]);
  });

  test('results of other code are found and forgotten everywhere', async () => {
    await made(machine('one'), 'a', 'x', '2026-01-01');
    await made(machine('two'), 'b', 'y', '2026-02-02');
    const key = keyOf(components('c'));
    const found = await machine('three').recordsOfOtherCode(key);
    expect(found.map(({ madeAs }) => madeAs.at)).toEqual(['2026-02-02', '2026-01-01']);
    await machine('three').forget(key);
    expect(await machine('four').recordsOfOtherCode(key)).toEqual([]);
  });

  test('a training goes on where another machine left off', async () => {
    await machine('one').checkpoint('k', 'stage').write(Buffer.from('epoch 3'));
    const there = machine('two').checkpoint('k', 'stage');
    expect(Buffer.from((await there.read())!).toString()).toBe('epoch 3');
    await there.clear();
    expect(await machine('one').checkpoint('k', 'stage').read()).toBeUndefined();
  });

  test('has the same id everywhere', async () => {
    const ids = await Promise.all(['one', 'two', 'three'].map((name) => machine(name).id()));
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('leases in a bucket', () => {
  const quick = { everyMs: 5 };
  const foreign = (beat: number) =>
    Buffer.from(JSON.stringify({ id: 'theirs', host: 'elsewhere boot ns', pid: 7, since: '1', beat }));

  test('are given once, until they are given up', async () => {
    const [one, two] = [bucketLeases(bucket), bucketLeases(bucket)];
    const mine = await one.take('k');
    expect(mine.heldBy).toBeNull();
    expect((await two.take('k')).heldBy).toMatch(/^process \d+ on /);
    if (mine.heldBy === null) await mine.release();
    expect((await two.take('k')).heldBy).toBeNull();
  });

  test('of another machine stand while they change, and fall when they have not for a minute', async () => {
    let now = 0;
    const leases = bucketLeases(bucket, () => now);
    await bucket.put('leases/k', foreign(1));
    expect((await leases.take('k')).heldBy).toBe('process 7 on elsewhere');
    now += 59_000;
    expect((await leases.take('k')).heldBy).toBe('process 7 on elsewhere');
    await bucket.put('leases/k', foreign(2));
    now += 2000;
    expect((await leases.take('k')).heldBy).toBe('process 7 on elsewhere');
    now += 61_000;
    expect((await leases.take('k')).heldBy).toBeNull();
  });

  test('of a process of this machine that has been silent for ten minutes fall, too', async () => {
    let now = 0;
    const leases = bucketLeases(bucket, () => now);
    const mine = await bucketLeases(bucket).take('k');
    const text = Buffer.from(bucket.objects.get('leases/k')!).toString();
    if (mine.heldBy === null) await mine.release();
    const parent = bucketOwner(process.ppid);
    await bucket.put('leases/k', Buffer.from(JSON.stringify({ ...JSON.parse(text), id: 'theirs', ...parent })));
    expect((await leases.take('k')).heldBy).toContain(`process ${process.ppid} on`);
    now += 599_000;
    expect((await leases.take('k')).heldBy).toContain(`process ${process.ppid} on`);
    now += 2000;
    expect((await leases.take('k')).heldBy).toBeNull();
  });

  test('whose answer was lost are recognised, and those that this process has lost sight of are taken', async () => {
    const { put } = bucket;
    bucket.put = async (name, bytes, ifAbsent) => {
      await put(name, bytes, ifAbsent);
      bucket.put = put;
      return put(name, bytes, ifAbsent); // the next attempt
    };
    const mine = await bucketLeases(bucket).take('k');
    expect(mine.heldBy).toBeNull();
    expect((await bucketLeases(bucket).take('k')).heldBy).toMatch(/^process/);
    if (mine.heldBy === null) await mine.release();
    bucket.put = async (name, bytes, ifAbsent) => {
      await put(name, bytes, ifAbsent);
      bucket.put = put;
      throw new Error('no answer');
    };
    await expect(bucketLeases(bucket).take('k')).rejects.toThrow('no answer');
    expect(bucket.objects.has('leases/k')).toBe(true);
    expect((await bucketLeases(bucket).take('k')).heldBy).toBeNull();
  });

  test('that were not answered are given up when the bucket is back', async () => {
    const { put } = bucket;
    bucket.put = async (name, bytes, ifAbsent) => {
      await put(name, bytes, ifAbsent);
      throw new Error('no answer');
    };
    await expect(bucketLeases(bucket, undefined, quick).take('k')).rejects.toThrow('no answer');
    await vi.waitFor(() => expect(bucket.objects.size).toBe(0));
  });

  test('are told to their owner when another run has them, and are left to it', async () => {
    const mine = await bucketLeases(bucket, undefined, quick).take('k');
    if (mine.heldBy !== null) throw new Error('held');
    await bucket.put('leases/k', foreign(1));
    await vi.waitFor(() => expect(mine.lost?.reason).toBe('process 7 on elsewhere'));
    await mine.release();
    expect(Buffer.from(bucket.objects.get('leases/k')!)).toEqual(foreign(1));
  });

  test('are put again where they are gone, and say that their owner lives', async () => {
    const mine = await bucketLeases(bucket, undefined, quick).take('k');
    bucket.objects.delete('leases/k');
    const beat = () => JSON.parse(Buffer.from(bucket.objects.get('leases/k') ?? []).toString()).beat;
    await vi.waitFor(() => expect(beat()).toBeGreaterThan(1));
    if (mine.heldBy === null) await mine.release();
    await pause(50);
    expect(bucket.objects.has('leases/k')).toBe(false); // no beat comes after
  });

  test('are no failure of the work when they cannot be given up', async () => {
    const mine = await bucketLeases(bucket, undefined, quick).take('k');
    const { remove } = bucket;
    let tries = 0;
    bucket.remove = async (name) => {
      if (++tries < 3) throw new Error('no answer');
      await remove(name);
    };
    if (mine.heldBy === null) await mine.release();
    await vi.waitFor(() => expect(bucket.objects.size).toBe(0));
  });

  test('that can neither be put nor read end in an error', async () => {
    bucket.put = async () => false;
    await expect(bucketLeases(bucket, undefined, { location: 's3://toys' }).take('k')).rejects.toMatchObject({
      code: 'store/lease-stuck',
      message: expect.stringMatching(
        /^The lease s3:\/\/toys\/leases\/k can neither be put, nor read, nor removed, after 20/,
      ),
    });
  });

  test('of a dead process of this machine, and damaged ones, are taken at once', async () => {
    await bucketLeases(bucket).take('k');
    const text = Buffer.from(bucket.objects.get('leases/k')!).toString();
    await bucket.put('leases/k', Buffer.from(JSON.stringify({ ...JSON.parse(text), id: 'dead', pid: 2 ** 30 })));
    expect((await bucketLeases(bucket).take('k')).heldBy).toBeNull();
    await bucket.put('leases/k', Buffer.from('{'));
    expect((await bucketLeases(bucket).take('k')).heldBy).toBeNull();
  });
});

/** What a lease says of another process of this machine. */
function bucketOwner(pid: number): { readonly pid: number; readonly since: string } {
  if (!existsSync('/proc')) return { pid, since: '' };
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return { pid, since: line.slice(line.lastIndexOf(')') + 2).split(' ')[19]! };
}
