import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { StudyError } from '@espalier/core';
import type { OpenBucket } from '@espalier/store';

/**
 * Say in one sentence where my-plugin keeps objects. This one keeps them in a folder, a file each.
 *
 * @example npx espalier run study.json --store my-plugin:///mnt/shared/studies
 * @throws StudyError `core/options-invalid` for a URL without a folder
 */
export const openBucket: OpenBucket = (url) => {
  const root = url.replace('my-plugin://', '');
  const advice = `Expected a store such as my-plugin:///mnt/shared, found ${url}. Write a path from the root.`;
  if (!root.startsWith('/')) throw new StudyError('core/options-invalid', advice);
  const pathOf = (name: string) => join(root, 'objects', name);
  const names = async (prefix: string) =>
    (await filesUnder(join(root, 'objects'))).filter((name) => name.startsWith(prefix)).sort();
  return {
    at: root,
    async get(name, most = Number.POSITIVE_INFINITY) {
      const bytes = (await sizeOf(pathOf(name))) ?? 0;
      if (bytes > most)
        throw new StudyError('store/corrupt', `${pathOf(name)} has ${bytes} bytes, expected at most ${most}.`);
      return orNothing(readFile(pathOf(name)));
    },
    size: (name) => sizeOf(pathOf(name)),
    async put(name, bytes, ifAbsent = false) {
      const temporary = join(root, 'incoming', randomBytes(8).toString('hex'));
      await mkdir(dirname(temporary), { recursive: true });
      await mkdir(dirname(pathOf(name)), { recursive: true });
      await writeFile(temporary, bytes); // whole, before anybody sees it under its name
      if (!ifAbsent) return rename(temporary, pathOf(name)).then(() => true);
      const isThere = (error: NodeJS.ErrnoException) => error.code !== 'EEXIST' && Promise.reject(error);
      return link(temporary, pathOf(name))
        .then(() => true, isThere)
        .finally(() => rm(temporary));
    },
    list: names,
    async entries(prefix) {
      const found = (await names(prefix)).map(async (name) => ({ name, stats: await stat(pathOf(name)) }));
      return (await Promise.all(found)).map(({ name, stats }) => ({ name, bytes: stats.size, putMs: stats.mtimeMs }));
    },
    remove: (name) => rm(pathOf(name), { force: true }),
  };
};

async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = (await orNothing(readdir(folder, { recursive: true, withFileTypes: true }))) ?? [];
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await orNothing(stat(path)))?.size;
}

/** What is there; undefined where nothing is. Whatever else keeps it from being read is an error. */
function orNothing<Value>(read: Promise<Value>): Promise<Value | undefined> {
  return read.catch((error) => (error.code === 'ENOENT' ? undefined : Promise.reject(error)));
}
