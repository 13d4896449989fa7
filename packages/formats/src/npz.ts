import { crc32, inflateRawSync } from 'node:zlib';
import { type NdArray, StudyError } from '@espalier/core';
import { readNpy } from './npy.ts';

/**
 * Reads the arrays of a NumPy `.npz` file, by name, as `readNpy` reads them: stored (`numpy.savez`) or deflated (`numpy.savez_compressed`).
 *
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.savez.html; PKWARE's APPNOTE for the archive.
 * @param file the bytes of the whole file
 * @param name what errors call it
 * @throws StudyError `files/invalid`, naming the array; archives in parts, encrypted or of 4 GiB and more are refused
 */
export function readNpz(file: Uint8Array, name = '.npz file'): ReadonlyMap<string, NdArray> {
  try {
    return arraysOf(file, name);
  } catch (cause) {
    if (StudyError.is(cause)) throw cause;
    throw invalid(name, 'it is damaged or cut short', cause); // reading beyond the end, or what zlib refuses
  }
}

function arraysOf(file: Uint8Array, name: string): ReadonlyMap<string, NdArray> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0 || end + 22 + bytes.readUInt16LE(end + 20) !== bytes.length)
    throw invalid(name, 'it must end as a zip archive does');
  const arrays = new Map<string, NdArray>();
  let at = bytes.readUInt32LE(end + 16);
  for (let count = bytes.readUInt16LE(end + 10); count > 0; count--) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) throw invalid(name, 'its list of arrays is damaged');
    const lengths = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset)) as [number, number, number];
    const entry = bytes.toString('utf8', at + 46, at + 46 + lengths[0]);
    if (!entry.endsWith('.npy')) throw invalid(name, `expected arrays only, found "${entry}"`);
    const key = entry.slice(0, -'.npy'.length);
    if (arrays.has(key)) throw invalid(name, `it holds "${key}" twice`);
    arrays.set(key, readNpy(contentOf(bytes, at, `"${key}" of ${name}`), `"${key}" of ${name}`));
    at += 46 + lengths[0] + lengths[1] + lengths[2];
  }
  if (at !== end) throw invalid(name, 'its list of arrays is damaged');
  return arrays;
}

/** The content of the entry whose place in the list is `at`. */
function contentOf(bytes: Buffer, at: number, name: string): Uint8Array {
  const [flags, method] = [bytes.readUInt16LE(at + 8), bytes.readUInt16LE(at + 10)];
  const [sum, packed, size, start] = [16, 20, 24, 42].map((offset) => bytes.readUInt32LE(at + offset));
  if ((flags & 1) === 1 || (method !== 0 && method !== 8))
    throw invalid(name, 'it must be stored or deflated, and plain');
  if (packed === 0xffffffff || size === 0xffffffff || start === 0xffffffff)
    throw invalid(name, 'archives of 4 GiB and more are not read');
  const from = start! + 30 + bytes.readUInt16LE(start! + 26) + bytes.readUInt16LE(start! + 28);
  const stored = bytes.subarray(from, from + packed!);
  const content = method === 0 ? stored : inflateRawSync(stored, { maxOutputLength: Math.max(1, size!) });
  if (content.length !== size || crc32(content) !== sum) throw invalid(name, 'its checksum is wrong');
  return content;
}

function invalid(name: string, problem: string, cause?: unknown): StudyError {
  const text = `${name} is not a readable NumPy archive: ${problem}. Save it again with numpy.savez.`;
  return new StudyError('files/invalid', text, { cause });
}
