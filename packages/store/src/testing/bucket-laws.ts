import { StudyError } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import type { Bucket } from '../bucket/bucket.ts';
import { bucketLeases } from '../bucket/bucket-leases.ts';

/**
 * Opens the bucket under test.
 *
 * @param place the same bucket for the same place, and an empty one for a place that was never asked for: a folder, a prefix
 */
export type BucketFor = (place: string) => Bucket | Promise<Bucket>;

type Law = (bucketFor: BucketFor, place: string) => Promise<void>;

/** What every bucket promises, whatever is behind it. Each law throws when the promise is broken. */
export const bucketLaws: Readonly<Record<string, Law>> = {
  async 'has nothing under a name before it is put, and nothing then to remove'(bucketFor, place) {
    const bucket = await bucketFor(place);
    await bucket.remove('cas/none');
    expect([await bucket.get('cas/none'), await bucket.size('cas/none'), await bucket.list('')]).toEqual([
      undefined,
      undefined,
      [],
    ]);
  },

  async 'gives back the bytes that it was given, from none to many'(bucketFor, place) {
    const bucket = await bucketFor(place);
    for (const length of [0, 1, 100_003]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (7 * i) % 256);
      expect(await bucket.put(`cas/${length}`, bytes), 'whether it was put').toBe(true);
      expect(Buffer.from((await bucket.get(`cas/${length}`)) ?? 'nothing').equals(bytes), `${length} bytes`).toBe(true);
      expect(await bucket.size(`cas/${length}`)).toBe(length);
    }
  },

  async 'puts what a view shows of larger memory'(bucketFor, place) {
    const bucket = await bucketFor(place);
    await bucket.put('view', new Uint8Array(Buffer.from('..seen..')).subarray(2, 6));
    expect(textOf(await bucket.get('view'))).toBe('seen');
  },

  async 'replaces an object whole'(bucketFor, place) {
    const bucket = await bucketFor(place);
    for (const text of ['a long text', 'short']) await bucket.put('keys/a', Buffer.from(text));
    expect(textOf(await bucket.get('keys/a'))).toBe('short');
  },

  async 'puts only where there is none if that is asked: one of many that ask at once'(bucketFor, place) {
    const bucket = await bucketFor(place);
    const put = await Promise.all([...'abcde'].map((text) => bucket.put('leases/a', Buffer.from(text), true)));
    expect(put.filter(Boolean)).toHaveLength(1);
    expect(await bucket.put('leases/a', Buffer.from('late'), true)).toBe(false);
    expect(textOf(await bucket.get('leases/a'))).toBe('abcde'[put.indexOf(true)]);
  },

  async 'refuses an object that has more bytes than it can have'(bucketFor, place) {
    const bucket = await bucketFor(place);
    await bucket.put('id', Buffer.from('1234'));
    expect(textOf(await bucket.get('id', 4))).toBe('1234');
    const error: unknown = await bucket.get('id', 3).catch((reason: unknown) => reason);
    expect(StudyError.is(error) ? error.code : error).toBe('store/corrupt');
  },

  async 'lists every name that begins with a prefix, each once'(bucketFor, place) {
    const bucket = await bucketFor(place);
    const names = ['keys/a', 'keys/ab', 'keys/b', 'keys2', 'cas/keys/a'];
    for (const name of names) await bucket.put(name, Buffer.from(name));
    const listed = async (prefix: string) => [...(await bucket.list(prefix))].sort();
    expect(await listed('')).toEqual([...names].sort());
    expect(await listed('keys/')).toEqual(['keys/a', 'keys/ab', 'keys/b']);
    expect(await listed('keys/a')).toEqual(['keys/a', 'keys/ab']);
  },

  async 'tells of entries their size and when they were put, where it tells anything'(bucketFor, place) {
    const bucket = await bucketFor(place);
    if (!bucket.entries) return;
    for (const name of ['keys/a', 'keys/b']) await bucket.put(name, Buffer.from(name));
    const [entry, ...others] = await bucket.entries('keys/b');
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ name: 'keys/b', bytes: 6 });
    const aDay = 24 * 3600 * 1000; // clocks of servers differ, but not so much
    expect(Math.abs(entry!.putMs - Date.now())).toBeLessThan(aDay);
  },

  async 'removes what is asked for and nothing else'(bucketFor, place) {
    const bucket = await bucketFor(place);
    for (const name of ['keys/a', 'keys/ab']) await bucket.put(name, Buffer.from(name));
    await bucket.remove('keys/a');
    expect([await bucket.get('keys/a'), await bucket.list('')]).toEqual([undefined, ['keys/ab']]);
  },

  async 'is the same bucket for whoever opens the place again, and another one elsewhere'(bucketFor, place) {
    await (await bucketFor(place)).put('keys/a', Buffer.from('a'));
    expect(textOf(await (await bucketFor(place)).get('keys/a'))).toBe('a');
    expect(await (await bucketFor(`${place}-other`)).list('')).toEqual([]);
  },

  async 'lets one of two runs have an instance'(bucketFor, place) {
    const takes = await Promise.all(
      [1, 2].map(async () => bucketLeases(await bucketFor(place), undefined, { location: place }).take('a'.repeat(64))),
    );
    expect(takes.filter(({ heldBy }) => heldBy === null)).toHaveLength(1);
    for (const lease of takes) if (lease.heldBy === null) await lease.release();
  },
};

/** Registers the laws as tests of the bucket `name`. */
export function describeBucket(name: string, bucketFor: BucketFor): void {
  describe(`${name} keeps the laws of buckets`, () => {
    for (const [i, [law, check]] of Object.entries(bucketLaws).entries()) test(law, () => check(bucketFor, `law-${i}`));
  });
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString();
}
