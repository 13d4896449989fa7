import { join, resolve } from 'node:path';
import { type Dataset, definePlugin, holdOut, type Services, StudyError } from '@espalier/core';
import {
  type Box,
  boxRegions,
  byteStore,
  contentFingerprint,
  evaluationGeometry,
  expectFitting,
  fileSplit,
  type ImageSize,
  notesOf,
  plainReading,
  readBoxes,
  readParts,
  stripProblem,
} from '@espalier/data-folder';
import { archives } from './archive/archives.ts';
import { fetchArchive } from './archive/fetch-archive.ts';
import { classNames } from './classes.ts';
import { imagenetteFolder } from './imagenette-folder.ts';
import { type Options, options } from './options.ts';
import { findings, noSource, outline } from './outline.ts';

// Raise it whenever decoding or resizing changes a pixel: it is in every digest.
const preprocessingVersion = 1;

/** Of what the package keeps below the cache folder. */
const cacheName = 'imagenette';

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
    const { parts, digests, leftOut, passedOver } = await readFolder(chosen, services);
    const regions = [...(boxesOf(chosen, services) ?? [])];
    return contentFingerprint({ files: [...parts.train, ...parts.val], digests, regions, leftOut, passedOver });
  },
  create: (chosen, services) => openDataset(chosen, services),
});

async function openDataset(chosen: Options, services: Services): Promise<Dataset> {
  const { size, resizeRatio, tuneFraction, splitSeed } = chosen;
  const { parts, listed, digests, sizes, leftOut, passedOver, clutter } = await readFolder(chosen, services);
  const boxes = boxesOf(chosen, services);
  if (boxes) expectFitting(boxes, { files: listed, sizes, path: chosen.boxes! });
  const common = {
    ...{ classes: classNames, reading: plainReading, digests, sizes, leftOut, size },
    geometry: geometryOf(chosen),
    preprocessing: [preprocessingVersion, size, resizeRatio],
    store: byteStore(chosen.memory * 2 ** 30),
    regions: boxes && boxRegions(boxes),
  };
  const splits = {
    ...holdOut(fileSplit({ name: 'train', files: parts.train, ...common }), tuneFraction, splitSeed),
    val: fileSplit({ name: 'val', files: parts.val, ...common }),
  };
  const notes = notesOf({ leftOut, passedOver, clutter });
  return { classes: classNames, split: (name) => splits[name], notes };
}

function geometryOf({ size, resizeRatio }: Options) {
  return (height: number, width: number) => evaluationGeometry(height, width, size, resizeRatio);
}

function boxesOf({ boxes }: Options, services: Services): ReadonlyMap<string, readonly Box[]> | undefined {
  return boxes === undefined ? undefined : readBoxes(resolve(services.folder, boxes));
}

async function readFolder(chosen: Options, services: Services) {
  const folder = await folderOf(chosen, services);
  const { train, val } = imagenetteFolder(folder);
  const parts = { train: train.files, val: val.files };
  const [{ onDamaged }, reading, geometry] = [chosen, plainReading, geometryOf(chosen)];
  const unfit = (size: ImageSize) => stripProblem(size, geometry(size.height, size.width), reading.mostPixels);
  return {
    ...(await readParts({ parts, folder, reading, unfit, onDamaged, cacheName }, services)),
    listed: [...train.files, ...val.files],
    passedOver: [...train.passedOver, ...val.passedOver],
    clutter: [...train.clutter, ...val.clutter],
  };
}

async function folderOf({ folder, archive }: Options, services: Services): Promise<string> {
  if (folder !== null) return resolve(services.folder, folder);
  if (archive !== null) return fetchArchive(archives[archive], join(services.cacheFolder, cacheName), services);
  throw new StudyError('core/data-missing', noSource);
}

/** What this package offers to a study. */
export const plugins = [imagenette] as const;
