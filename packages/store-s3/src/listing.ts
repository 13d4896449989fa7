import { StudyError } from '@espalier/core';
import type { BucketEntry } from '@espalier/store';

/** One page of an answer to ListObjectsV2. */
export interface Page {
  readonly entries: readonly BucketEntry[];
  /** What asks for the next page; undefined at the end. */
  readonly next: string | undefined;
}

// A page has a thousand names: ten million objects, which no store has.
const mostPages = 10_000;

/**
 * The objects on all pages.
 *
 * @param start what each of them begins with
 * @param where the store's URL and what is listed, for errors
 * @param pageAt asks for the first page, or the one that a token names
 * @throws StudyError `store/corrupt` for a listing that is none or does not end
 */
export async function allEntries(
  start: string,
  where: string,
  pageAt: (token: string | undefined) => Promise<string>,
): Promise<readonly BucketEntry[]> {
  const entries = new Map<string, BucketEntry>();
  const tokens = new Set<string>();
  let next: string | undefined;
  do {
    const page = pageIn(await pageAt(next));
    if (typeof page === 'string') throw noListing(where, page);
    const foreign = page.entries.find(({ name }) => !name.startsWith(start))?.name;
    if (foreign !== undefined) {
      throw noListing(where, `a page with ${JSON.stringify(foreign.slice(0, 200))}, which was not asked for`);
    }
    for (const entry of page.entries) entries.set(entry.name, entry);
    next = page.next;
    if (next !== undefined && tokens.has(next)) throw noListing(where, 'a page that leads back to an earlier one');
    if (next !== undefined) tokens.add(next);
    if (tokens.size >= mostPages) throw noListing(where, `${mostPages} pages and no end`);
  } while (next !== undefined);
  return [...entries.values()];
}

/** A page, or what is there instead: flat XML, of which few elements matter. */
function pageIn(xml: string): Page | string {
  if (!/<ListBucketResult[\s>]/.test(xml)) return 'something else';
  if (!xml.trimEnd().endsWith('</ListBucketResult>')) return 'a page without its end';
  const next = textsIn(xml, 'NextContinuationToken').map(plain)[0];
  const goesOn = textsIn(xml, 'IsTruncated')[0]?.trim() === 'true';
  if (goesOn && !next) return 'a page that is not the last one and does not lead on';
  const entries = textsIn(xml, 'Contents', '[^]*?').map(entryIn);
  if (!entries.every((entry) => entry !== undefined)) return 'an object without a name, a size or a time';
  return { entries, next: goesOn ? next : undefined };
}

function entryIn(xml: string): BucketEntry | undefined {
  const [name, size, time] = ['Key', 'Size', 'LastModified'].map((element) => textsIn(xml, element)[0]);
  const [bytes, putMs] = [Number(size), Date.parse(time ?? '')];
  if (!name || !size || !Number.isSafeInteger(bytes) || !Number.isFinite(putMs)) return undefined;
  return { name: plain(name), bytes, putMs };
}

function textsIn(xml: string, element: string, inside = '[^<]*'): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${element}>(${inside})</${element}>`, 'g'))].map(([, text]) => text!);
}

function noListing(where: string, found: string): StudyError {
  return new StudyError(
    'store/corrupt',
    `The store answered ${where} with ${found}; expected pages of names that end. ` +
      'Nothing was changed. Check AWS_ENDPOINT_URL, and whether what is there speaks S3.',
  );
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function plain(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
