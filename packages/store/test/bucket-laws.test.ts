import { expect, test } from 'vitest';
import type { Bucket } from '../src/index.ts';
import { type BucketFor, bucketLaws, describeBucket } from '../src/testing/index.ts';
import { type MemoryBucket, memoryBucket } from './memory-bucket.ts';

/** Buckets in memory, the same for the same place. */
function buckets(change: (bucket: MemoryBucket) => Partial<Bucket> = () => ({})): BucketFor {
  const open = new Map<string, Bucket>();
  return (place) => {
    const bucket = memoryBucket();
    const found = open.get(place) ?? { ...bucket, ...change(bucket) };
    open.set(place, found);
    return found;
  };
}

describeBucket('a bucket in memory', buckets());

// Each law must catch the mistake it exists for.
const broken: Record<keyof typeof bucketLaws, BucketFor> = {
  'has nothing under a name before it is put, and nothing then to remove': buckets(() => ({ size: async () => 0 })),
  'gives back the bytes that it was given, from none to many': buckets(({ put }) => ({
    put: (name, bytes, ifAbsent) => put(name, bytes.subarray(0, 65_536), ifAbsent),
  })),
  'puts what a view shows of larger memory': buckets(({ put }) => ({
    put: (name, bytes, ifAbsent) => put(name, new Uint8Array(bytes.buffer), ifAbsent),
  })),
  'replaces an object whole': buckets(({ put }) => ({ put: (name, bytes) => put(name, bytes, true) })),
  'puts only where there is none if that is asked: one of many that ask at once': buckets(({ objects }) => ({
    async put(name, bytes, ifAbsent) {
      const isThere = objects.has(name);
      await null; // another one asks meanwhile
      if (ifAbsent && isThere) return false;
      objects.set(name, bytes);
      return true;
    },
  })),
  'refuses an object that has more bytes than it can have': buckets(({ objects }) => ({
    get: async (name) => objects.get(name),
  })),
  'lists every name that begins with a prefix, each once': buckets(({ list }) => ({
    list: async (prefix) => (await list('')).filter((name) => name.split('/')[0] === prefix.split('/')[0]),
  })),
  'tells of entries their size and when they were put, where it tells anything': buckets(({ entries }) => ({
    entries: async (prefix) =>
      (await entries!(prefix)).map((entry) => ({ ...entry, putMs: Math.round(entry.putMs / 1000) })),
  })),
  'removes what is asked for and nothing else': buckets(({ objects, list }) => ({
    remove: async (name) => (await list(name)).forEach((each) => void objects.delete(each)),
  })),
  'is the same bucket for whoever opens the place again, and another one elsewhere': (() => {
    const one = buckets();
    return () => one('one');
  })(),
  'lets one of two runs have an instance': buckets(({ put }) => ({
    put: (name, bytes) => put(name, bytes).then(() => true),
  })),
};

test.each(Object.entries(broken))('"%s" catches a bucket that breaks it', async (law, bucketFor) => {
  await expect(bucketLaws[law]!(bucketFor, 'place')).rejects.toThrow();
});

test('every law has its broken bucket', () => {
  expect(Object.keys(broken)).toEqual(Object.keys(bucketLaws));
});
