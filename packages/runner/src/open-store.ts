import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { StudyError } from '@espalier/core';
import type { OpenBucket } from './bucket.ts';
import { bucketStore } from './bucket-store.ts';
import { sha256 } from './canonical-json.ts';
import { importPackage } from './plugin-packages.ts';
import { folderStore, type Store } from './store.ts';

const url = /^([a-z][a-z0-9+.-]*):\/\//;

export function isUrl(text: string): boolean {
  return url.test(text);
}

/** A store's place as every process of this machine can open it: a URL as it is, a path from the root. */
export function storeLocation(text: string): string {
  return url.test(text) ? text.replace(/\/+$/, '') : resolve(text);
}

/**
 * Opens the store at `location`: a folder, or objects behind a URL, through the package `@espalier/store-<scheme>`. These are read
 * through a folder in `~/.cache/espalier/stores`.
 *
 * @throws StudyError `plugin-not-found` or `plugin-invalid` where the package is missing or none; what the package throws
 */
export async function openStore(location: string): Promise<Store> {
  const scheme = url.exec(location)?.[1];
  if (scheme === undefined) return folderStore(location);
  const name = `@espalier/store-${scheme}`;
  const { exports } = await importPackage(name, process.cwd());
  const { openBucket } = exports as { readonly openBucket?: OpenBucket }; // a module is an object
  if (typeof openBucket !== 'function') {
    throw new StudyError(
      'plugin-invalid',
      `The package "${name}" exports no function openBucket. Give a folder with --store.`,
    );
  }
  const caches = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'espalier/stores');
  const local = folderStore(join(caches, sha256(location).slice(0, 16)));
  return bucketStore(await openBucket(location), local, location);
}
