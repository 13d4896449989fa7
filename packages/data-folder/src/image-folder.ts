import { resolve } from 'node:path';
import {
  type Dataset,
  type DatasetOutline,
  definePlugin,
  type OptionFinding,
  type PlanKnowledge,
  type Services,
  StudyError,
} from '@espalier/core';
import { notesOf } from './contents/notes.ts';
import { contentFingerprint } from './contents/read-parts.ts';
import { listed } from './dataset/listed.ts';
import { boxesAndMasks, openFolder } from './dataset/open-folder.ts';
import { byteStore } from './decoding/byte-store.ts';
import { fileSplit } from './file-split.ts';
import { maskFiles } from './masks/mask-files.ts';
import { type Options, options } from './options.ts';
import { boxesFindings, listedOrError } from './planned.ts';

// Raise it whenever decoding or resizing changes a pixel: it is in every digest.
const preprocessingVersion = 1;

/**
 * Anybody's images: a folder of class folders, split by a seed, or one with such a folder for each part.
 * @example "data": { "use": "folder/image-folder", "with": { "folder": "photos" } }
 */
export const imageFolder = definePlugin({
  kind: 'dataset',
  name: 'image-folder',
  cacheVersion: '1',
  source: {
    title: 'torchvision: ImageFolder, and Resize and CenterCrop as its networks are evaluated with',
    url: 'https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html',
    departures: [
      'transparency is laid on a colour, where Pillow drops it and shows what it hid',
      'of 16 bits per channel the upper 8 are kept, where Pillow clips greyscale',
      'hidden files and folders are passed over; folders in class folders are refused unless an option says what they are',
      'training crops are taken from images stored at 1.25 times the image size',
    ],
  },
  options,
  imageSize: ({ size }) => ({ height: size, width: size }),
  check: findings,
  dataOutline: outline,
  notes(chosen, { folder }) {
    const list = listedOrError(() => listed(chosen, folder));
    return StudyError.is(list) ? [] : [list.sentence, ...notesOf({ ...list, leftOut: [] })];
  },
  fingerprint: async (chosen, services) => {
    const { parts, digests, regionData, leftOut, passedOver } = await openFolder(chosen, services);
    const files = [...parts.train, ...parts.tune, ...parts.val];
    return contentFingerprint({ files, digests, regions: regionData, leftOut, passedOver });
  },
  create: (chosen, services) => openDataset(chosen, services),
});

async function openDataset(chosen: Options, services: Services): Promise<Dataset> {
  const { size, resizeRatio, mean, std, orientation, background, memory } = chosen;
  const { parts, classes, notes, ...opened } = await openFolder(chosen, services);
  const common = {
    ...{ classes, size, normalisation: { mean, std }, store: byteStore(memory * 2 ** 30) },
    ...opened,
    preprocessing: [preprocessingVersion, size, resizeRatio, orientation, background, classes],
  };
  const splits = {
    train: fileSplit({ name: 'train', files: parts.train, ...common }),
    tune: fileSplit({ name: 'tune', files: parts.tune, ...common }),
    val: fileSplit({ name: 'val', files: parts.val, ...common }),
  };
  return { classes, split: (name) => splits[name], notes };
}

/** What is wrong with the files that the options name, without opening an image. */
function findings(chosen: Options, { folder }: Pick<PlanKnowledge, 'folder'>): readonly OptionFinding[] {
  const list = listedOrError(() => listed(chosen, folder));
  if (StudyError.is(list)) return [{ path: ['folder'], text: list.message }];
  if (chosen.masks === undefined) return boxesFindings(chosen.boxes, { folder });
  if (chosen.boxes !== undefined) return [{ path: ['masks'], text: boxesAndMasks }];
  const masks = listedOrError(() => maskFiles(resolve(folder, chosen.masks!), list.all));
  return StudyError.is(masks) ? [{ path: ['masks'], text: masks.message }] : [];
}

function outline(chosen: Options, { folder }: Pick<PlanKnowledge, 'folder'>): DatasetOutline | undefined {
  const { size, boxes, masks } = chosen;
  const list = listedOrError(() => listed(chosen, folder));
  if (StudyError.is(list)) return undefined;
  const { classes, counts } = list;
  return {
    height: size,
    width: size,
    classes,
    regions: boxes === undefined && masks === undefined ? [] : ['object'],
    mostPerClass: counts,
  };
}

/** What this package offers to a study. */
export const plugins = [imageFolder] as const;
