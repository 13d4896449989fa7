import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { type Dataset, definePlugin, holdOut, type LeftOut, type Services, StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import sharp from 'sharp';
import { archives } from './archive/archives.ts';
import { fetchArchive } from './archive/fetch-archive.ts';
import { readBoxes } from './boxes/box-file.ts';
import { type Box, expectFitting } from './boxes/boxes.ts';
import { classNames } from './classes.ts';
import { byteStore } from './decoding/byte-store.ts';
import { fileSplit } from './file-split.ts';
import { type BadFile, corrupt, leftOutOf } from './folder/bad-files.ts';
import { fileContents } from './folder/content-digests.ts';
import { firstOf } from './folder/first-of.ts';
import type { ImageFile } from './folder/image-file.ts';
import { listImageFolder } from './folder/image-files.ts';
import { type Options, options } from './options.ts';
import { findings, noSource, outline } from './outline.ts';

/**
 * ImageNette: ten easily told classes of ImageNet, from a folder or an official archive.
 * @example "data": { "use": "data/imagenette", "with": { "folder": "../imagenette2-320", "size": 224 } }
 */
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
  imageSize: ({ size }) => ({ height: size, width: size }),
  check: findings,
  dataOutline: outline,
  fingerprint: async (chosen, services) => {
    const { files, digests, leftOut, passedOver } = await readFolder(chosen, services);
    const hash = createHash('sha256');
    for (const { id, path } of files) hash.update(JSON.stringify([id, digests.get(path)]));
    hash.update(JSON.stringify([...(boxesOf(chosen, services) ?? [])]));
    if (leftOut.length + passedOver.length > 0) hash.update(JSON.stringify([leftOut, passedOver]));
    return hash.digest('hex');
  },
  create: (chosen, services) => openDataset(chosen, services),
});

async function openDataset(chosen: Options, services: Services): Promise<Dataset> {
  const { size, resizeRatio, tuneFraction, splitSeed } = chosen;
  const { parts, all, digests, sizes, leftOut, passedOver } = await readFolder(chosen, services);
  const boxes = boxesOf(chosen, services);
  if (boxes) expectFitting(boxes, { files: all, sizes, path: chosen.boxes! });
  sharp.cache(false); // the byte store caches; libvips would keep every decoded image a second time
  sharp.concurrency(1); // many images are decoded at once; more threads for each would only wait for each other
  const store = byteStore(chosen.memory * 2 ** 30);
  const common = { digests, sizes, leftOut, size, resizeRatio, store, boxes };
  const splits = {
    ...holdOut(fileSplit({ name: 'train', files: parts.train, ...common }), tuneFraction, splitSeed),
    val: fileSplit({ name: 'val', files: parts.val, ...common }),
  };
  return { classes: classNames, split: (name) => splits[name], notes: notesOf(leftOut, passedOver) };
}

function notesOf(leftOut: readonly LeftOut[], passedOver: readonly string[]): readonly string[] {
  const damaged = leftOut.map(({ id, reason }) => `${shownPath(id)} (${reason})`);
  return [
    ...(damaged.length > 0
      ? [`Left out, since damaged: ${damaged.length} of the images: ${firstOf(damaged, 10)}`]
      : []),
    ...(passedOver.length > 0
      ? [
          `Not read, since not named .jpg, .jpeg or .png in a class folder: ${passedOver.length}: ${firstOf(passedOver.map(shownPath), 10)}`,
        ]
      : []),
  ];
}

function boxesOf({ boxes }: Options, services: Services): ReadonlyMap<string, readonly Box[]> | undefined {
  return boxes === undefined ? undefined : readBoxes(resolve(services.folder, boxes));
}

async function readFolder(chosen: Options, services: Services) {
  const folder = await folderOf(chosen, services);
  const { train, val, passedOver } = listImageFolder(folder);
  const all: readonly ImageFile[] = [...train, ...val];
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const { digests, sizes, bad } = await fileContents(
    all,
    join(cacheFolder(services), `digests-${name}.json`),
    services,
  );
  if (bad.length > 0 && chosen.onDamaged === 'fail') throw corrupt(bad);
  const damaged = new Set(bad.map(({ file }) => file));
  const whole = (files: readonly ImageFile[]) => files.filter((file) => !damaged.has(file));
  const parts = { train: whole(train), val: whole(val) };
  expectEveryClass(parts, bad);
  const files = [...parts.train, ...parts.val];
  return { parts, files, all, digests, sizes, leftOut: leftOutOf(bad), passedOver };
}

/** Where every image of a class is damaged, nothing can go on. */
function expectEveryClass(parts: Readonly<Record<string, readonly ImageFile[]>>, bad: readonly BadFile[]): void {
  for (const files of Object.values(parts)) {
    const labels = new Set(files.map(({ label }) => label));
    if (labels.size < classNames.length) throw corrupt(bad);
  }
}

async function folderOf({ folder, archive }: Options, services: Services): Promise<string> {
  if (folder !== null) return resolve(services.folder, folder);
  if (archive !== null) return fetchArchive(archives[archive], cacheFolder(services), services);
  throw new StudyError('core/data-missing', noSource);
}

function cacheFolder(services: Services): string {
  return join(services.cacheFolder, 'imagenette');
}

/** What this package offers to a study. */
export const plugins = [imagenette] as const;
