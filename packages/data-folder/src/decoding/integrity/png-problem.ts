import { crc32 } from 'node:zlib';

const signatureBytes = 8;

/**
 * What is wrong with a PNG, as a clause; undefined where every chunk has its checksum and the last one is the end.
 *
 * The pixels are left to the decoder: only what a decoder passes over is looked at, above all a file that is cut short.
 *
 * Source: PNG specification, third edition, section 5.
 */
export function pngProblem(file: Uint8Array): string | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = signatureBytes; at + 12 <= file.length; ) {
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > file.length) return 'it is cut short';
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    if (crc32(file.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
      return `the checksum of its part at byte ${at} is wrong`;
    }
    if (type === 'IEND') return undefined;
    at = end;
  }
  return 'it is cut short';
}

/** Whether a PNG has frames to be shown one after the other (APNG): the chunk that says so stands before the first of its pixels. */
export function isAnimatedPng(file: Uint8Array): boolean {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < signatureBytes || view.getUint32(0) !== 0x89504e47) return false;
  for (let at = signatureBytes; at + 12 <= file.length; at += 12 + view.getUint32(at)) {
    const type = view.getUint32(at + 4);
    if (type === 0x6163544c) return true; // acTL
    if (type === 0x49444154) return false; // IDAT
  }
  return false;
}
