import { StudyError } from '@espalier/core';
import { fileFormat, foundInstead, readRegularFileSync, shownPath } from '@espalier/files';
import { type CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod';
import { firstOf } from '../listing/first-of.ts';
import type { Box } from './boxes.ts';

const columns = ['id', 'xmin', 'ymin', 'xmax', 'ymax'] as const;

const boxRow = z
  .strictObject({
    id: z.string().min(1, 'must not be empty'),
    xmin: z.number().min(0, 'must not be below 0'),
    ymin: z.number().min(0, 'must not be below 0'),
    xmax: z.number(),
    ymax: z.number(),
  })
  .refine(({ xmin, xmax, ymin, ymax }) => xmin < xmax && ymin < ymax, 'xmin must be below xmax and ymin below ymax');

/** One box as it is written, before it is checked. */
interface Row {
  /** Where it stands, besides its number: `line 3`. */
  readonly place?: string;
  readonly value: unknown;
}

// A box takes about 60 bytes: a million of them.
const mostBytes = 64 * 2 ** 20;

const wayOut = 'Set the option "boxes" to a CSV or JSON file, or leave it out.';

/**
 * Bounding boxes by sample id, from a CSV file with the columns `id,xmin,ymin,xmax,ymax` in any order (quoted fields,
 * UTF-8 with or without a byte order mark) or a JSON array of objects with these fields. An id may have several boxes.
 *
 * Nothing is coerced: a number is written in decimal digits, and an empty field is none.
 *
 * @throws StudyError `core/data-missing` when the file is not there, `files/unreadable` when it is no readable file,
 *   `files/invalid` naming the first bad rows.
 */
export function readBoxes(path: string): ReadonlyMap<string, readonly Box[]> {
  const text = readText(path);
  const isJson = path.toLowerCase().endsWith('.json') || /^\s*\[/.test(text);
  const boxes = new Map<string, Box[]>();
  const problems: string[] = [];
  const seen = new Map<string, number>();
  (isJson ? jsonRows(text, path) : csvRows(text, path)).forEach(({ place, value }, i) => {
    const parsed = boxRow.safeParse(value);
    const same = seen.get(JSON.stringify(parsed.data));
    const problem = parsed.success
      ? same !== undefined && `it is the same as box ${same}`
      : parsed.error.issues.map(issueText).join('; ');
    if (problem !== false) problems.push(`  box ${i + 1}: ${problem}${placeText(place, value)}`);
    else if (parsed.success) {
      seen.set(JSON.stringify(parsed.data), i + 1);
      const { id, ...box } = parsed.data;
      boxes.set(id, [...(boxes.get(id) ?? []), box]);
    }
  });
  if (problems.length > 0) {
    throw invalid(path, `${problems.length} of its boxes are wrong:\n${firstOf(problems, 10, '\n', '  ')}\n`);
  }
  if (boxes.size === 0) throw invalid(path, 'it has no boxes. ');
  return boxes;
}

function issueText({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')} ${message.replace(/^Invalid input: /, '')}`;
}

/** Where a box stands and whose it is, so that it is found in a long file. */
function placeText(place: string | undefined, value: unknown): string {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  const parts = [place, typeof id === 'string' && id !== '' ? `id "${shownPath(id).slice(0, 200)}"` : undefined];
  const shown = parts.filter((part) => part !== undefined);
  return shown.length === 0 ? '' : ` (${shown.join(', ')})`;
}

function readText(path: string): string {
  const content = readContent(path);
  const format = fileFormat(content)?.name;
  if (format !== undefined && !['empty', 'json', 'text'].includes(format)) {
    throw invalid(path, `${foundInstead(content)}. `);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (cause) {
    throw invalid(path, 'it is not text in UTF-8. ', cause);
  }
}

function readContent(path: string): Buffer {
  try {
    return readRegularFileSync(path, { what: 'the boxes', most: mostBytes, advice: wayOut });
  } catch (cause) {
    if (!StudyError.is(cause) || cause.code !== 'core/data-missing') throw cause;
    throw new StudyError('core/data-missing', `The boxes file "${shownPath(path)}" cannot be read. ${wayOut}`, {
      cause,
    });
  }
}

function jsonRows(text: string, path: string): readonly Row[] {
  try {
    const parsed: unknown = JSON.parse(text);
    if (Array.isArray(parsed)) return parsed.map((value: unknown) => ({ value }));
  } catch (cause) {
    throw invalid(path, `it is not JSON (${shownPath(reasonOf(cause))}). `, cause);
  }
  throw invalid(path, 'its top level is not an array. ');
}

function csvRows(text: string, path: string): readonly Row[] {
  const [header, ...records] = csvRecords(text, path);
  const names = header?.record ?? [];
  if ([...names].sort().join() !== [...columns].sort().join()) {
    const found = shownPath(names.join(',')).slice(0, 200);
    const separator = names.length === 1 && /[;\t]/.test(names[0]!) ? 'Its columns must be parted by commas. ' : '';
    throw invalid(path, `its first line must be "${columns.join(',')}"; found "${found}". ${separator}`);
  }
  return records.map(({ record, line }) => {
    const fields = record.map((text, i) => [names[i] ?? `column ${i + 1}`, names[i] === 'id' ? text : number(text)]);
    return { place: `line ${line}`, value: Object.fromEntries(fields) };
  });
}

// Decimal digits, a point and an exponent: no hexadecimal, no `Infinity`, no comma, and nothing is not zero.
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The number that a field holds; the text itself where it holds none, which the schema then refuses. */
function number(field: string): number | string {
  return decimal.test(field) ? Number(field) : field;
}

interface CsvRecord {
  readonly record: readonly string[];
  /** Of its end, from 1. */
  readonly line: number;
}

function csvRecords(text: string, path: string): readonly CsvRecord[] {
  try {
    const unixLines = text.replace(/\r\n?/g, '\n');
    const options = { info: true, record_delimiter: '\n', relax_column_count: true, trim: true };
    // The types of csv-parse do not follow the option "info".
    const parsed = parse(unixLines, options) as unknown as { record: string[]; info: { lines: number } }[];
    return parsed
      .map(({ record, info }) => ({ record, line: info.lines }))
      .filter(({ record }) => record.length > 1 || record[0] !== '');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    const { message } = cause as CsvError;
    throw invalid(path, `it is not CSV (${shownPath(message).slice(0, 200)}). `, cause);
  }
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 200);
}

function invalid(path: string, problem: string, cause?: unknown): StudyError {
  return new StudyError(
    'files/invalid',
    `The boxes file "${shownPath(path)}" is not valid: ${problem}Each box is id,xmin,ymin,xmax,ymax in pixels of the image file.`,
    { cause },
  );
}
