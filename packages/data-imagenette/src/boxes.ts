import { readFileSync } from 'node:fs';
import { StudyError } from '@espalier/core';
import * as z from 'zod';
import type { Geometry } from './geometry.ts';

/** A rectangle in pixels of the original image; the maxima are exclusive. */
export interface Box {
  readonly xmin: number;
  readonly ymin: number;
  readonly xmax: number;
  readonly ymax: number;
}

const columns = ['id', 'xmin', 'ymin', 'xmax', 'ymax'] as const;

const boxRow = z
  .strictObject({
    id: z.string().min(1),
    xmin: z.coerce.number().min(0),
    ymin: z.coerce.number().min(0),
    xmax: z.coerce.number(),
    ymax: z.coerce.number(),
  })
  .refine(({ xmin, xmax, ymin, ymax }) => xmin < xmax && ymin < ymax, 'xmin must be below xmax and ymin below ymax');

/**
 * Bounding boxes by sample id, from a CSV file with the header `id,xmin,ymin,xmax,ymax` or a JSON array of objects with
 * these fields. An id may have several boxes.
 *
 * @throws StudyError `data-missing` when the file is not there, `file-invalid` naming the first bad rows.
 */
export function readBoxes(path: string): ReadonlyMap<string, readonly Box[]> {
  const text = readText(path);
  const rows = path.toLowerCase().endsWith('.json') ? jsonRows(text, path) : csvRows(text, path);
  const boxes = new Map<string, Box[]>();
  const problems: string[] = [];
  rows.forEach((row, i) => {
    const parsed = boxRow.safeParse(row);
    if (!parsed.success)
      problems.push(`  box ${i + 1}: ${parsed.error.issues.map(({ message }) => message).join('; ')}`);
    else {
      const { id, ...box } = parsed.data;
      boxes.set(id, [...(boxes.get(id) ?? []), box]);
    }
  });
  if (problems.length === 0) return boxes;
  throw invalid(path, `${problems.length} of its boxes are wrong:\n${problems.slice(0, 10).join('\n')}\n`);
}

/**
 * One byte per pixel of the evaluated image: 1 where the pixel's centre lies in `box`.
 *
 * @param original size of the image that the box was measured in
 */
export function boxMask(box: Box, original: { height: number; width: number }, geometry: Geometry): Uint8Array {
  const { size, top, left, height, width } = geometry;
  const [scaleX, scaleY] = [width / original.width, height / original.height];
  const mask = new Uint8Array(size * size);
  const [firstRow, lastRow] = centresWithin(box.ymin * scaleY - top, box.ymax * scaleY - top, size);
  const [firstColumn, lastColumn] = centresWithin(box.xmin * scaleX - left, box.xmax * scaleX - left, size);
  for (let y = firstRow; y < lastRow; y++)
    mask.fill(1, y * size + firstColumn, y * size + Math.max(firstColumn, lastColumn));
  return mask;
}

/** First and last (exclusive) pixel of `size` whose centre is at least `low` and below `high`. */
function centresWithin(low: number, high: number, size: number): readonly [number, number] {
  const clip = (value: number) => Math.min(size, Math.max(0, Math.ceil(value - 0.5)));
  return [clip(low), clip(high)];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new StudyError(
      'data-missing',
      `The boxes file "${path}" cannot be read. Set the option "boxes" to a CSV or JSON file, or leave it out.`,
      { cause },
    );
  }
}

function jsonRows(text: string, path: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(text);
    if (Array.isArray(parsed)) return parsed;
  } catch (cause) {
    throw invalid(path, 'it is not JSON. ', cause);
  }
  throw invalid(path, 'its top level is not an array. ');
}

function csvRows(text: string, path: string): readonly unknown[] {
  const [header, ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const names = header?.split(',').map((name) => name.trim());
  if (names?.join() !== columns.join()) {
    throw invalid(path, `its first line must be "${columns.join(',')}"; found "${header ?? ''}". `);
  }
  return lines.map((line) => {
    const values = line.split(',').map((value) => value.trim());
    return Object.fromEntries(values.map((value, i) => [names[i] ?? `column ${i + 1}`, value]));
  });
}

function invalid(path: string, problem: string, cause?: unknown): StudyError {
  return new StudyError(
    'file-invalid',
    `The boxes file "${path}" is not valid: ${problem}Each box is id,xmin,ymin,xmax,ymax in pixels of the original image.`,
    { cause },
  );
}
