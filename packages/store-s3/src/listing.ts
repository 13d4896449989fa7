import { StudyError } from '@espalier/core';

/** One page of an answer to ListObjectsV2. */
export interface Page {
  readonly names: readonly string[];
  /** What asks for the next page; undefined at the end. */
  readonly next: string | undefined;
}

// A page has a thousand names: ten million objects, which no store has.
const mostPages = 10_000;

/**
 * The names on all pages.
 *
 * @param start what each of them begins with
 * @param where the store's URL and what is listed, for errors
 * @param pageAt asks for the first page, or the one that a token names
 * @throws StudyError `store-corrupt` for a listing that is none or does not end
 */
export async function allNames(
  start: string,
  where: string,
  pageAt: (token: string | undefined) => Promise<string>,
): Promise<readonly string[]> {
  const names = new Set<string>();
  const tokens = new Set<string>();
  let next: string | undefined;
  do {
    const page = pageIn(await pageAt(next));
    if (typeof page === 'string') throw noListing(where, page);
    const foreign = page.names.find((name) => !name.startsWith(start));
    if (foreign !== undefined) {
      throw noListing(where, `a page with ${JSON.stringify(foreign.slice(0, 200))}, which was not asked for`);
    }
    for (const name of page.names) names.add(name);
    next = page.next;
    if (next !== undefined && tokens.has(next)) throw noListing(where, 'a page that leads back to an earlier one');
    if (next !== undefined) tokens.add(next);
    if (tokens.size >= mostPages) throw noListing(where, `${mostPages} pages and no end`);
  } while (next !== undefined);
  return [...names];
}

/** A page, or what is there instead: flat XML, of which three elements matter. */
function pageIn(xml: string): Page | string {
  if (!/<ListBucketResult[\s>]/.test(xml)) return 'something else';
  if (!xml.trimEnd().endsWith('</ListBucketResult>')) return 'a page without its end';
  const texts = (element: string): string[] =>
    [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, text]) => plain(text!));
  const [next] = texts('NextContinuationToken');
  const goesOn = texts('IsTruncated')[0]?.trim() === 'true';
  if (goesOn && !next) return 'a page that is not the last one and does not lead on';
  return { names: texts('Key'), next: goesOn ? next : undefined };
}

function noListing(where: string, found: string): StudyError {
  return new StudyError(
    'store-corrupt',
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
