import { gunzipSync } from 'node:zlib';

const block = 512;

/** The regular files of a gzipped tar archive (POSIX ustar) by name; nothing is written anywhere. */
export function readTarball(bytes: Uint8Array): ReadonlyMap<string, Buffer> {
  const tar = gunzipSync(bytes);
  const files = new Map<string, Buffer>();
  for (let at = 0; at + block <= tar.length && tar[at] !== 0; ) {
    const digits = text(tar, at + 124, 12);
    if (!/^[0-7]+$/.test(digits)) throw new Error('it is not a tar archive');
    const size = Number.parseInt(digits, 8);
    const type = text(tar, at + 156, 1);
    const prefix = text(tar, at + 345, 155);
    const name = text(tar, at, 100);
    if (type === '0' || type === '') {
      files.set(prefix ? `${prefix}/${name}` : name, tar.subarray(at + block, at + block + size));
    }
    at += block + Math.ceil(size / block) * block;
  }
  return files;
}

function text(tar: Buffer, start: number, length: number): string {
  const end = tar.subarray(start, start + length).indexOf(0);
  return tar.toString('utf8', start, end < 0 ? start + length : start + end).trim();
}
