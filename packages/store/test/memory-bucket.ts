import { StudyError } from '@espalier/core';
import type { Bucket } from '../src/index.ts';

/** Objects in memory; everything in `calls` that was asked of them. */
export interface MemoryBucket extends Bucket {
  readonly objects: Map<string, Uint8Array>;
  readonly putAt: Map<string, number>;
  readonly calls: string[];
}

export function memoryBucket(): MemoryBucket & Required<Pick<Bucket, 'entries'>> {
  const objects = new Map<string, Uint8Array>();
  const putAt = new Map<string, number>();
  const calls: string[] = [];
  const list = async (prefix: string): Promise<string[]> =>
    [...objects.keys()].filter((name) => name.startsWith(prefix)).sort();
  return {
    objects,
    putAt,
    calls,
    async get(name, most = Number.POSITIVE_INFINITY) {
      calls.push(`get ${name}`);
      const bytes = objects.get(name);
      if (bytes && bytes.length > most) throw new StudyError('store/corrupt', `${name} has ${bytes.length} bytes.`);
      return bytes;
    },
    async size(name) {
      calls.push(`size ${name}`);
      return objects.get(name)?.length;
    },
    async put(name, bytes, ifAbsent) {
      calls.push(`put ${name}`);
      if (ifAbsent && objects.has(name)) return false;
      objects.set(name, bytes.slice());
      putAt.set(name, Date.now());
      return true;
    },
    list,
    async entries(prefix) {
      const names = await list(prefix);
      return names.map((name) => ({ name, bytes: objects.get(name)!.length, putMs: putAt.get(name) ?? 0 }));
    },
    remove: async (name) => void objects.delete(name),
  };
}
