import { StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import type { ImageSize } from '../decoding/decode.ts';
import type { RegionsOf } from '../file-split.ts';
import type { Geometry } from '../geometry.ts';
import { firstOf } from '../listing/first-of.ts';
import type { ImageFile } from '../listing/image-file.ts';

/** A rectangle in pixels of the image file; the maxima are exclusive. */
export interface Box {
  readonly xmin: number;
  readonly ymin: number;
  readonly xmax: number;
  readonly ymax: number;
}

/**
 * One byte per pixel of the evaluated image: 1 where the pixel's centre lies in `box`.
 *
 * @param original size of the image that the box was measured in
 */
export function boxMask(box: Box, original: ImageSize, geometry: Geometry): Uint8Array {
  const { size, top, left, height, width } = geometry;
  const [scaleX, scaleY] = [width / original.width, height / original.height];
  const mask = new Uint8Array(size * size);
  const [firstRow, lastRow] = centresWithin(box.ymin * scaleY - top, box.ymax * scaleY - top, size);
  const [firstColumn, lastColumn] = centresWithin(box.xmin * scaleX - left, box.xmax * scaleX - left, size);
  for (let y = firstRow; y < lastRow; y++)
    mask.fill(1, y * size + firstColumn, y * size + Math.max(firstColumn, lastColumn));
  return mask;
}

/** The boxes of each image as regions called `object`; none of an image without boxes. */
export function boxRegions(boxes: ReadonlyMap<string, readonly Box[]>): RegionsOf {
  return ({ id }, original, geometry) =>
    (boxes.get(id) ?? []).map((box) => ({ name: 'object', mask: boxMask(box, original, geometry) }));
}

/** First and last (exclusive) pixel of `size` whose centre is at least `low` and below `high`. */
function centresWithin(low: number, high: number, size: number): readonly [number, number] {
  const clip = (value: number) => Math.min(size, Math.max(0, Math.ceil(value - 0.5)));
  return [clip(low), clip(high)];
}

/** The images that boxes may belong to. */
export interface BoxedImages {
  readonly files: readonly ImageFile[];
  /** By path; files without a size are not looked at. */
  readonly sizes: ReadonlyMap<string, ImageSize>;
  /** Where the boxes are from. */
  readonly path: string;
}

/**
 * Every box belongs to an image of the dataset and lies in it.
 *
 * A box for an image that is not there means that the ids are written in another way; one that does not fit, that it
 * was measured in another version of the image.
 *
 * @throws StudyError `files/invalid`, naming the first ten that do not
 */
export function expectFitting(boxes: ReadonlyMap<string, readonly Box[]>, { files, sizes, path }: BoxedImages): void {
  const byId = new Map(files.map((file) => [file.id, file]));
  const unknown = [...boxes.keys()].filter((id) => !byId.has(id));
  if (unknown.length > 0) {
    const others = unknown.length === 1 ? '' : ` and ${unknown.length - 1} more`;
    throw new StudyError(
      'files/invalid',
      `The boxes file "${shownPath(path)}" names "${shownPath(unknown[0]!)}", which is no image of the dataset${others}. ` +
        `Ids are paths from the dataset's folder, for example "${shownPath(files[0]!.id)}".`,
    );
  }
  const outside = [...boxes].flatMap(([id, own]) => {
    const size = sizes.get(byId.get(id)!.path);
    if (!size) return [];
    return own
      .filter(({ xmax, ymax }) => xmax > size.width || ymax > size.height)
      .map((box) => `  ${shownPath(id)}: ${boxText(box)} in ${size.width} x ${size.height} pixels`);
  });
  if (outside.length === 0) return;
  throw new StudyError(
    'files/invalid',
    `The boxes file "${shownPath(path)}" has ${outside.length} boxes that do not fit their images:\n` +
      `${firstOf(outside, 10, '\n', '  ')}\nBoxes are in pixels of the files in the dataset's folder. If these were measured ` +
      'in the full-size originals, scale them as the images were.',
  );
}

function boxText({ xmin, ymin, xmax, ymax }: Box): string {
  return `xmin ${xmin}, ymin ${ymin}, xmax ${xmax}, ymax ${ymax}`;
}
