import { createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';

/** One file of a zip archive, as its central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes after unpacking. */
  readonly size: number;
  readonly compressedSize: number;
  readonly crc: number;
  readonly stored: boolean;
  readonly executable: boolean;
  readonly headerOffset: number;
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const largestComment = 0xffff;
const streamedFrom = 4 << 20;

/**
 * The files of a zip archive (PKWARE APPNOTE 6.3.10, without zip64, encryption and methods other than stored and deflated).
 * @throws Error for anything else, and for a name that could leave the folder it is unpacked into.
 */
export async function readZipEntries(file: FileHandle): Promise<ZipEntry[]> {
  const directory = await readDirectory(file);
  const entries: ZipEntry[] = [];
  for (let at = 0; at < directory.length; ) {
    if (directory.readUInt32LE(at) !== entrySignature) throw new Error('its directory is damaged');
    const nameLength = directory.readUInt16LE(at + 28);
    const name = directory.toString('utf8', at + 46, at + 46 + nameLength);
    if (!name.endsWith('/')) entries.push(readEntry(directory, at, name));
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

async function readDirectory(file: FileHandle): Promise<Buffer> {
  const { size } = await file.stat();
  const tail = await readAt(file, Math.max(0, size - largestComment - 22), Math.min(size, largestComment + 22));
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== endSignature) end--;
  if (end < 0) throw new Error('it is not a zip archive, or it is cut short');
  const [length, offset] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
  if (tail.readUInt16LE(end + 10) === 0xffff || offset === 0xffffffff)
    throw new Error('zip64 archives are not supported');
  return readAt(file, offset, length);
}

function readEntry(directory: Buffer, at: number, name: string): ZipEntry {
  const method = directory.readUInt16LE(at + 10);
  const mode = directory.readUInt32LE(at + 38) >>> 16;
  const entry: ZipEntry = {
    name,
    size: directory.readUInt32LE(at + 24),
    compressedSize: directory.readUInt32LE(at + 20),
    crc: directory.readUInt32LE(at + 16),
    stored: method === 0,
    executable: (mode & 0o111) !== 0,
    headerOffset: directory.readUInt32LE(at + 42),
  };
  if (!isInside(name)) throw new Error(`the name ${JSON.stringify(name)} could leave the folder it is unpacked into`);
  if ((mode & 0o170000) === 0o120000) throw new Error(`${name} is a symbolic link`);
  if (method !== 0 && method !== 8) throw new Error(`${name} is compressed in a way (${method}) that is not supported`);
  if (entry.size === 0xffffffff || entry.headerOffset === 0xffffffff)
    throw new Error('zip64 archives are not supported');
  return entry;
}

function isInside(name: string): boolean {
  return !/[\\\0]/.test(name) && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Writes the entry to `folder/path`, checking its length and checksum. */
export async function extractEntry(file: FileHandle, entry: ZipEntry, folder: string, path: string): Promise<void> {
  const header = await readAt(file, entry.headerOffset, 30);
  if (header.readUInt32LE(0) !== localSignature) throw new Error(`${entry.name} is damaged`);
  const start = entry.headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const target = join(folder, path);
  const mode = entry.executable ? 0o755 : 0o644;
  await mkdir(dirname(target), { recursive: true });
  if (entry.size >= streamedFrom) return stream(file, entry, start, target, mode);
  const packed = await readAt(file, start, entry.compressedSize);
  const bytes = entry.stored ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) });
  expectIntact(entry, bytes.length, crc32(bytes));
  await writeFile(target, bytes, { mode });
}

async function stream(file: FileHandle, entry: ZipEntry, start: number, target: string, mode: number): Promise<void> {
  let length = 0;
  let sum = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      sum = crc32(chunk, sum);
      done(length > entry.size ? new Error(`${entry.name} is longer than the archive says`) : null, chunk);
    },
  });
  const source = file.createReadStream({
    start,
    end: start + entry.compressedSize - 1,
    autoClose: false,
    highWaterMark: 1 << 20,
  });
  const unpack = entry.stored ? [] : [createInflateRaw({ chunkSize: 1 << 20 })];
  await pipeline([source, ...unpack, check, createWriteStream(target, { mode, highWaterMark: 4 << 20 })]);
  expectIntact(entry, length, sum);
}

function expectIntact(entry: ZipEntry, length: number, sum: number): void {
  if (length !== entry.size || sum !== entry.crc) throw new Error(`${entry.name} does not match its checksum`);
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead !== length) throw new Error('it is cut short');
  return buffer;
}

/** Unpacks the entries for which `place` gives a path (within `folder`). Returns how many bytes were written. */
export async function unzip(archive: string, folder: string, place: (name: string) => string | null): Promise<number> {
  const file = await open(archive, 'r');
  try {
    let bytes = 0;
    for (const entry of await readZipEntries(file)) {
      const path = place(entry.name);
      if (path === null) continue;
      await extractEntry(file, entry, folder, path);
      bytes += entry.size;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
