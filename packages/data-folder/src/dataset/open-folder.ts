import { resolve } from 'node:path';
import { type Services, StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import { readBoxes } from '../boxes/box-file.ts';
import { boxRegions, expectFitting } from '../boxes/boxes.ts';
import {
  contradictions,
  type Duplicate,
  duplicated,
  duplicatesAcross,
  duplicatesLeftOut,
} from '../contents/duplicates.ts';
import { note, notesOf } from '../contents/notes.ts';
import { indexFileOf, type ReadParts, readParts } from '../contents/read-parts.ts';
import type { ImageSize } from '../decoding/decode.ts';
import { everyFormat } from '../decoding/formats.ts';
import type { Reading } from '../decoding/reading.ts';
import type { FileSplit, RegionsOf } from '../file-split.ts';
import { stripProblem, torchvisionGeometry } from '../geometry.ts';
import type { ImageFile } from '../listing/image-file.ts';
import { maskFiles } from '../masks/mask-files.ts';
import { maskRegions, readMasks } from '../masks/masks.ts';
import type { Options } from '../options.ts';
import { type Listed, listed } from './listed.ts';

type Part = 'train' | 'tune' | 'val';

/** A folder of images, every one of which has been read once. */
export interface OpenFolder
  extends Pick<Listed, 'classes' | 'passedOver'>,
    Pick<FileSplit, 'reading' | 'geometry' | 'regions'>,
    Omit<ReadParts<Part>, 'headers'> {
  /** Where things are in the images, as data for a digest. */
  readonly regionData: readonly unknown[];
  /** Sentences for the log. */
  readonly notes: readonly string[];
}

const cacheName = 'data-folder';

export const boxesAndMasks = 'Expected one of the options "boxes" and "masks"; found both. Leave one out.';

/**
 * Lists and reads a folder of images and what is known to be in them.
 *
 * @throws StudyError as `listed` and `readParts`; `data-folder/duplicate`; `data-folder/mask` and `files/invalid` about regions
 */
export async function openFolder(options: Options, services: Services): Promise<OpenFolder> {
  const { size, resizeRatio, onDamaged } = options;
  const list = listed(options, services.folder);
  const reading = readingOf(options);
  const geometry = (height: number, width: number) => torchvisionGeometry(height, width, size, resizeRatio);
  const unfit = (own: ImageSize) => stripProblem(own, geometry(own.height, own.width), reading.mostPixels);
  const { folder } = list;
  const read = await readParts({ parts: list.parts(), folder, reading, unfit, onDamaged, cacheName }, services);
  const { parts, duplicates } = apart(read, list, options);
  const leftOut = [...read.leftOut, ...(options.onDuplicate === 'skip' ? duplicatesLeftOut(duplicates) : [])];
  const known = await regionsOf(options, { ...read, parts }, list, reading, services);
  const { digests, sizes } = read;
  return {
    ...{ classes: list.classes, passedOver: list.passedOver, parts, digests, sizes, leftOut, reading, geometry },
    ...{ regions: known?.regions, regionData: known?.data ?? [] },
    notes: [
      list.sentence,
      ...notesOf({ ...list, leftOut }),
      ...note(
        'One content in two classes of a part',
        Object.values(parts).flatMap((files) => contradictions(files, digests).map(pairText)),
      ),
      ...(options.onDuplicate === 'warn' ? note('In two parts', duplicates.map(pairText)) : []),
      ...readingNotes(Object.values(parts).flat(), read, options),
    ],
  };
}

function readingOf({ orientation, background, mostMegapixels }: Options): Reading {
  return { formats: everyFormat, orientation, background, mostPixels: mostMegapixels * 1e6 };
}

/** The parts without what an earlier one has, where that is to be left out. */
function apart(
  { parts, digests }: ReadParts<Part>,
  { classes }: Listed,
  { onDuplicate }: Options,
): { readonly parts: ReadParts<Part>['parts']; readonly duplicates: readonly Duplicate[] } {
  const duplicates = duplicatesAcross([parts.train, parts.tune, parts.val], digests);
  if (duplicates.length > 0 && onDuplicate === 'fail') throw duplicated(duplicates);
  if (onDuplicate !== 'skip') return { parts, duplicates };
  const second = new Set(duplicates.map(({ file }) => file));
  const left = (files: readonly ImageFile[]) => files.filter((file) => !second.has(file));
  const val = left(parts.val);
  const labels = new Set(val.map(({ label }) => label));
  const emptied = classes.find((_, label) => !labels.has(label));
  if (emptied === undefined) return { parts: { train: parts.train, tune: left(parts.tune), val }, duplicates };
  throw new StudyError(
    'data-folder/duplicate',
    `Nothing of the class "${shownPath(emptied)}" is left to evaluate on: all of its images have the content of others that ` +
      `train or select, such as ${shownPath(duplicates.find(({ file }) => classes[file.label] === emptied)!.file.path)}. Add others.`,
  );
}

interface KnownRegions {
  readonly regions: RegionsOf;
  readonly data: readonly unknown[];
}

async function regionsOf(
  { boxes, masks }: Options,
  { parts, sizes }: Pick<ReadParts<Part>, 'parts' | 'sizes'>,
  { all }: Listed,
  reading: Reading,
  services: Services,
): Promise<KnownRegions | undefined> {
  if (boxes !== undefined && masks !== undefined) throw new StudyError('core/options-invalid', boxesAndMasks);
  if (boxes !== undefined) {
    const read = readBoxes(resolve(services.folder, boxes));
    expectFitting(read, { files: all, sizes, path: boxes });
    return { regions: boxRegions(read), data: [...read] };
  }
  if (masks === undefined) return undefined;
  const path = resolve(services.folder, masks);
  const files = maskFiles(path, all);
  const used = Object.values(parts).flat();
  const read = await readMasks(
    files,
    used,
    { sizes, reading, indexFile: indexFileOf(services, cacheName, path) },
    services,
  );
  const data = used.map(({ id }) => [id, read.digests.get(read.files.get(id)?.path ?? '') ?? null]);
  return { regions: maskRegions(read, reading), data };
}

/** What a person may want to know of the images that are read. */
function readingNotes(
  files: readonly ImageFile[],
  { headers }: Pick<ReadParts<Part>, 'headers'>,
  { orientation, size, resizeRatio }: Options,
): readonly string[] {
  const resized = Math.round(size * resizeRatio);
  const named = (what: string, isSo: (header: NonNullable<ReturnType<typeof headers.get>>) => boolean) =>
    note(
      what,
      files.filter(({ path }) => isSo(headers.get(path)!)).map(({ id }) => shownPath(id)),
    );
  return [
    ...named('Of several pages or frames the first is read', ({ pages }) => pages > 1),
    ...(orientation === 'apply'
      ? []
      : named(
          'Turned by their EXIF orientation, which is not applied (option "orientation")',
          (header) => header.orientation > 1,
        )),
    ...named(
      `Enlarged, since the shorter side is below ${resized} pixels`,
      ({ height, width }) => Math.min(height, width) < resized,
    ),
  ];
}

function pairText({ file, of }: Duplicate): string {
  return `${shownPath(of.id)} = ${shownPath(file.id)}`;
}
