import { entropyCoded } from './jpeg-bits.ts';
import { blocksOf, followScan } from './jpeg-scan.ts';
import { type Component, isFollowed, isProgressive, JpegFault, JpegSegments } from './jpeg-segments.ts';
import { Progression } from './progression.ts';

// Encoders write about ten. Thousands would keep a decoder busy for minutes with a small file.
const mostScans = 200;

/**
 * What is wrong with a JPEG, as a clause; undefined where nothing is found.
 *
 * Decoders draw what they can: libjpeg follows damaged codes as far as they go, and does not look whether the data end
 * where the pixels do. Here every code is followed: each must be in its table, name values that pixels can have, and the
 * last must end where the data do. What still passes is damage that leaves whole codes of the same number of pixels; no decoder
 * can see that, as a JPEG has no checksum.
 *
 * Arithmetic coding and samples of 12 bits are left to the decoder.
 *
 * Source: ITU-T T.81.
 */
export function jpegProblem(file: Uint8Array): string | undefined {
  try {
    followFile(file);
    return undefined;
  } catch (error) {
    if (error instanceof JpegFault) return error.message;
    throw error;
  }
}

function followFile(file: Uint8Array): void {
  const segments = new JpegSegments();
  const nonZero = new Map<Component, Uint8Array>();
  const seen = new Set<Component>();
  const progression = new Progression();
  let [at, scans] = [2, 0];
  for (;;) {
    const { marker, start } = markerAt(file, at);
    if (marker === 0xd9) break;
    const body = bodyAt(file, start);
    at = start + 2 + body.length;
    if (marker !== 0xda) {
      const before = segments.frame;
      segments.read(marker, body);
      if (before && segments.frame !== before) throw new JpegFault('it has two frames');
      continue;
    }
    if (++scans > mostScans) throw new JpegFault(`it has more than ${mostScans} scans`);
    const header = segments.scan(body);
    if (!isFollowed(header.frame)) return;
    for (const { component } of header.parts) {
      seen.add(component);
      const { row, column } = blocksOf(header.frame, component);
      if (isProgressive(header.frame) && !nonZero.has(component))
        nonZero.set(component, new Uint8Array(64 * row * column));
    }
    const { intervals, end } = entropyCoded(file, at);
    followScan(header, intervals, nonZero);
    if (isProgressive(header.frame)) progression.add(header);
    at = end;
  }
  if (!segments.frame || seen.size < segments.frame.components.length)
    throw new JpegFault('some of its colours are missing');
  progression.expectWhole();
}

/** The marker at `at`, before which any number of 0xff may stand. */
function markerAt(file: Uint8Array, at: number): { readonly marker: number; readonly start: number } {
  if (at >= file.length) throw new JpegFault('it is cut short');
  let start = at;
  while (file[start] === 0xff) start++;
  const marker = file[start];
  if (marker === undefined) throw new JpegFault('it is cut short');
  if (start === at || marker === 0) throw new JpegFault('it has bytes between its segments that belong to none');
  return { marker, start: start + 1 };
}

function bodyAt(file: Uint8Array, start: number): Uint8Array {
  const length = (file[start]! << 8) | file[start + 1]!;
  if (start + 2 > file.length || start + length > file.length) throw new JpegFault('it is cut short');
  if (length < 2) throw new JpegFault('the length of a segment is damaged');
  return file.subarray(start + 2, start + length);
}
