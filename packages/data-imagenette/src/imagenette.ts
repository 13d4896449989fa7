import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { type Dataset, definePlugin, holdOut, type Services, StudyError } from '@espalier/core';
import sharp from 'sharp';
import * as z from 'zod';
import { archives } from './archives.ts';
import { type Box, readBoxes } from './boxes.ts';
import { byteStore } from './byte-store.ts';
import { classNames } from './classes.ts';
import { contentDigests } from './content-digests.ts';
import { fetchArchive } from './fetch-archive.ts';
import { fileSplit } from './file-split.ts';
import { type ImageFile, listImageFolder } from './image-files.ts';

const options = z.strictObject({
  size: z.int().min(32).max(1024).default(224).describe('height and width of evaluated images, in pixels'),
  folder: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('an ImageNette folder with train/ and val/; where it is given, nothing is downloaded'),
  archive: z
    .enum(['160', '320', 'full'])
    .nullable()
    .default(null)
    .describe('official archive to download where no folder is given, by its shorter side'),
  tuneFraction: z.number().min(0).lt(1).default(0.1).describe('fraction of the training images kept for tuning'),
  splitSeed: z.int().min(0).default(0).describe('seed of the choice of tuning images'),
  resizeRatio: z.number().min(1).max(2).default(1).describe('shorter side before the centre crop, in units of `size`'),
  boxes: z.string().min(1).optional().describe('CSV or JSON file of bounding boxes: id,xmin,ymin,xmax,ymax'),
  memory: z.number().min(0).max(4096).default(2).describe('decoded images kept in memory, in GiB'),
});

type Options = z.output<typeof options>;

/** ImageNette: ten easily told classes of ImageNet, from a folder or an official archive. */
export const imagenette = definePlugin({
  kind: 'dataset',
  name: 'imagenette',
  cacheVersion: '1',
  source: {
    title: 'Howard (2019), ImageNette, version 2',
    url: 'https://github.com/fastai/imagenette',
    departures: [
      'a seeded part of the training images is kept apart for tuning',
      'evaluation resizes the shorter side to the image size instead of cropping 224 of 256',
      'training crops are taken from images stored at 1.25 times the image size',
    ],
  },
  options,
  fingerprint: async (chosen, services) => {
    const { files, digests } = await readFolder(chosen, services);
    const hash = createHash('sha256');
    for (const { id, path } of files) hash.update(JSON.stringify([id, digests.get(path)]));
    hash.update(JSON.stringify([...(boxesOf(chosen, services) ?? [])]));
    return hash.digest('hex');
  },
  create: (chosen, services) => openDataset(chosen, services),
});

async function openDataset(chosen: Options, services: Services): Promise<Dataset> {
  const { size, resizeRatio, tuneFraction, splitSeed } = chosen;
  const { parts, digests } = await readFolder(chosen, services);
  const boxes = boxesOf(chosen, services);
  if (boxes) expectKnown([...boxes.keys()], [...parts.train, ...parts.val], chosen.boxes!);
  sharp.cache(false); // the byte store caches; libvips would keep every decoded image a second time
  sharp.concurrency(1); // many images are decoded at once; more threads for each would only wait for each other
  const store = byteStore(chosen.memory * 2 ** 30);
  const common = { digests, size, resizeRatio, store, boxes };
  const splits = {
    ...holdOut(fileSplit({ name: 'train', files: parts.train, ...common }), tuneFraction, splitSeed),
    val: fileSplit({ name: 'val', files: parts.val, ...common }),
  };
  return { classes: classNames, split: (name) => splits[name] };
}

function boxesOf({ boxes }: Options, services: Services): ReadonlyMap<string, readonly Box[]> | undefined {
  return boxes === undefined ? undefined : readBoxes(resolve(services.folder, boxes));
}

/** A box for an image that is not there means that the ids are written in another way. */
function expectKnown(ids: readonly string[], files: readonly ImageFile[], path: string): void {
  const known = new Set(files.map(({ id }) => id));
  const unknown = ids.find((id) => !known.has(id));
  if (unknown === undefined) return;
  throw new StudyError(
    'file-invalid',
    `The boxes file "${path}" names "${unknown}", which is no image of the dataset. Ids are paths from the dataset's ` +
      `folder, for example "${files[0]!.id}".`,
  );
}

async function readFolder(chosen: Options, services: Services) {
  const folder = await folderOf(chosen, services);
  const parts = listImageFolder(folder);
  const files: readonly ImageFile[] = [...parts.train, ...parts.val];
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const digests = await contentDigests(files, join(cacheFolder(services), `digests-${name}.json`), services);
  return { parts, files, digests };
}

async function folderOf({ folder, archive }: Options, services: Services): Promise<string> {
  if (folder !== null) return resolve(services.folder, folder);
  if (archive !== null) return fetchArchive(archives[archive], cacheFolder(services), services);
  throw new StudyError(
    'data-missing',
    'ImageNette needs one of the options "folder" and "archive"; found neither. Set "folder" to an ImageNette folder ' +
      '(train/ and val/), or "archive" to "160", "320" or "full" to download one.',
  );
}

function cacheFolder(services: Services): string {
  return join(services.cacheFolder, 'imagenette');
}

export const plugins = [imagenette] as const;
