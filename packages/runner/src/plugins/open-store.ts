import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkContract, StudyError } from '@espalier/core';
import {
  type Bucket,
  bucketParts,
  bucketStore,
  folderParts,
  folderStore,
  type OpenBucket,
  type Store,
  type StoreParts,
  sha256,
} from '@espalier/store';
import { importPackage, shortNamed } from './plugin-packages.ts';

const url = /^([a-z][a-z0-9+.-]*):\/\//;
// A folder may hold a colon, and Windows has drives of one letter; these are URLs that somebody has mistyped.
const nearlyUrl = /^[a-z][a-z0-9+.-]+:\//i;

export function isUrl(text: string): boolean {
  return url.test(text);
}

/**
 * A store's place as every process of this machine can open it: a URL as it is, a path from the root.
 *
 * @throws StudyError `core/options-invalid` for a URL with user, password or parameters: it is written into records
 */
export function storeLocation(text: string): string {
  if (nearlyUrl.test(text)) checkUrl(text);
  return url.test(text) ? text.replace(/\/+$/, '') : resolve(text);
}

function checkUrl(text: string): void {
  if (/[@?#]|^[^:]+:\/+[^/]*:(?!\d+(\/|$))/.test(text)) {
    throw new StudyError(
      'core/options-invalid',
      'The URL of the store holds more than a place: what stands before an @, or after ? or #, may be a secret, and everybody ' +
        'who sees a command or a record would see it. Write it as s3://bucket/prefix, and give credentials in the environment: ' +
        'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, for another server also AWS_ENDPOINT_URL.',
    );
  }
  if (url.test(text)) return;
  throw new StudyError(
    'core/options-invalid',
    `Expected a folder or a URL such as s3://bucket/prefix for the store, found ${JSON.stringify(text)}. A folder of that name is ./${text}.`,
  );
}

/**
 * Opens the store at `location`: a folder, or objects behind a URL, through the package `@espalier/store-<scheme>` or `espalier-store-<scheme>`. These are read
 * through a folder in `~/.cache/espalier/stores`.
 *
 * @throws StudyError `core/options-invalid` for what is no place; `runner/plugin-not-found` or `core/plugin-invalid` where the package is missing or none; what the package throws; as
 *   {@link storeLocation} does
 */
export async function openStore(location: string): Promise<Store> {
  const bucket = await bucketAt(location);
  if (!bucket) return folderStore(location);
  const caches = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'espalier/stores');
  const local = folderStore(join(caches, sha256(bucket.at ?? location).slice(0, 16)));
  return bucketStore(bucket, local, location);
}

/** The parts of the store at `location`, for those who look after it; errors are those of {@link openStore}. */
export async function openParts(location: string): Promise<StoreParts> {
  const bucket = await bucketAt(location);
  return bucket ? bucketParts(bucket, location) : folderParts(location);
}

async function bucketAt(location: string): Promise<Bucket | undefined> {
  if (nearlyUrl.test(location)) checkUrl(location);
  const scheme = url.exec(location)?.[1];
  if (scheme === undefined) return undefined;
  const name = shortNamed('store', scheme, process.cwd());
  const { exports } = await importPackage(name, process.cwd());
  checkContract(exports, name, 'openBucket');
  const { openBucket } = exports as { readonly openBucket?: OpenBucket }; // a module is an object
  if (typeof openBucket === 'function') return openBucket(location);
  throw new StudyError(
    'core/plugin-invalid',
    `The package "${name}" exports no function openBucket. Give a folder with --store.`,
  );
}
