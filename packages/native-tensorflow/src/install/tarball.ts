import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';

/**
 * The regular files of a gzipped tar archive by name; nothing is written anywhere.
 *
 * @throws Error for other bytes
 */
export async function readTarball(bytes: Uint8Array): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const archive = extract();
  archive.end(gunzipSync(bytes));
  for await (const entry of archive) {
    const { name, size, type } = entry.header;
    // A size that is none would be read for ever.
    if (!Number.isSafeInteger(size) || size! < 0)
      throw new Error(`the size of ${JSON.stringify(name)} is no number of bytes`);
    const parts: Uint8Array[] = [];
    for await (const part of entry) parts.push(part);
    if (type === 'file') files.set(name, Buffer.concat(parts));
  }
  return files;
}
