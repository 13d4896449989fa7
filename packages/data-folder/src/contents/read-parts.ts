import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { LeftOut, Services } from '@espalier/core';
import sharp from 'sharp';
import type { ImageHeader, ImageSize } from '../decoding/decode.ts';
import type { Reading } from '../decoding/reading.ts';
import type { ImageFile } from '../listing/image-file.ts';
import { corrupt, leftOutOf } from './bad-files.ts';
import { fileContents } from './content-digests.ts';

/** The parts of a dataset as they were listed, and how they are read. */
export interface ListedParts<Part extends string> {
  readonly parts: Readonly<Record<Part, readonly ImageFile[]>>;
  /** Of the dataset: what is remembered of its files is kept under its name. */
  readonly folder: string;
  readonly reading: Reading;
  /** What is wrong with a whole image of this size, as a clause. */
  readonly unfit?: (size: ImageSize) => string | undefined;
  /** Whether damaged files stop the study. */
  readonly onDamaged: 'fail' | 'skip';
  /** Where what is remembered of files is kept, below the cache folder. */
  readonly cacheName: string;
}

/** The whole images of a dataset. */
export interface ReadParts<Part extends string> {
  readonly parts: Readonly<Record<Part, readonly ImageFile[]>>;
  /** SHA-256 of the content, by path. */
  readonly digests: ReadonlyMap<string, string>;
  /** As images are read, by path. */
  readonly sizes: ReadonlyMap<string, ImageSize>;
  /** What files say of themselves, by path. */
  readonly headers: ReadonlyMap<string, ImageHeader>;
  /** Damaged files, which are in no part. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Reads every file of a dataset once, and leaves damaged ones out where that is allowed.
 *
 * @throws StudyError `core/data-corrupt` where files are damaged and that is not allowed, or nothing is left of a class in a part;
 *   `core/data-missing` or `files/unreadable` where a file cannot be looked at
 */
export async function readParts<Part extends string>(
  { parts, folder, reading, unfit, onDamaged, cacheName }: ListedParts<Part>,
  services: Services,
): Promise<ReadParts<Part>> {
  sharp.cache(false); // the byte store caches; libvips would keep every decoded image a second time
  sharp.concurrency(1); // many images are decoded at once; more threads for each would only wait for each other
  const all: readonly ImageFile[] = Object.values<readonly ImageFile[]>(parts).flat();
  const indexFile = indexFileOf(services, cacheName, folder);
  const { bad, ...contents } = await fileContents(
    { files: all, reading, indexFile, ...(unfit && { unfit }) },
    services,
  );
  if (bad.length > 0 && onDamaged === 'fail') throw corrupt(bad, reading.formats.words);
  const damaged = new Set(bad.map(({ file }) => file));
  const whole = Object.entries<readonly ImageFile[]>(parts).map(([part, files]) => {
    const left = files.filter((file) => !damaged.has(file));
    if (labelCount(left) < labelCount(files)) throw corrupt(bad, reading.formats.words, emptied);
    return [part, left] as const;
  });
  // The names are those of `parts`.
  return { parts: Object.fromEntries(whole) as never, ...contents, leftOut: leftOutOf(bad) };
}

const emptied =
  'Leaving them out would leave a class without images in one of the parts: replace these files by whole ones, or delete them.';

function labelCount(files: readonly ImageFile[]): number {
  return new Set(files.map(({ label }) => label)).size;
}

/** Where it is remembered what was found in the files of `folder`. */
export function indexFileOf({ cacheFolder }: Pick<Services, 'cacheFolder'>, cacheName: string, folder: string): string {
  return join(cacheFolder, cacheName, `digests-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}.json`);
}

/** What decides the results of a dataset beside its options. */
export interface Outside {
  readonly files: readonly ImageFile[];
  readonly digests: ReadonlyMap<string, string>;
  /** Where things are in the images, as data. */
  readonly regions: readonly unknown[];
  readonly leftOut: readonly LeftOut[];
  readonly passedOver: readonly string[];
}

/** A digest of the images, what is known to be in them, and what is not among them: a change of it is a change of the results. */
export function contentFingerprint({ files, digests, regions, leftOut, passedOver }: Outside): string {
  const hash = createHash('sha256');
  for (const { id, path } of files) hash.update(JSON.stringify([id, digests.get(path)]));
  hash.update(JSON.stringify(regions));
  if (leftOut.length + passedOver.length > 0) hash.update(JSON.stringify([leftOut, passedOver]));
  return hash.digest('hex');
}
