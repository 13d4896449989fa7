import { createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { type Entry, openPromise } from 'yauzl';

/** A file of a zip archive. yauzl reads what it says of itself, names apart; these are checked here. */
interface ZipMember {
  readonly name: string;
  readonly entry: Entry;
  /** Where its bytes are in the archive. */
  readonly start: () => Promise<number>;
}

// A wheel has thousands of headers and one library of a gigabyte: a stream each would cost more than unpacking.
const streamedFrom = 4 << 20;

/**
 * Unpacks the files for which `place` gives a path (within `folder`); returns how many bytes were written.
 *
 * @throws Error before anything is written for what is no zip archive, for a link, and for a name that could leave the
 *   folder; and for a file that is not what the archive says of it
 */
export async function unzip(archive: string, folder: string, place: (name: string) => string | null): Promise<number> {
  return withZip(archive, async (members, file) => {
    let bytes = 0;
    for (const member of members) {
      const path = place(member.name);
      if (path === null) continue;
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      const mode = modeOf(member.entry) & 0o111 ? 0o755 : 0o644;
      if (member.entry.uncompressedSize >= streamedFrom) await stream(file, member, target, mode);
      else await writeFile(target, await bytesOf(file, member), { mode });
      bytes += member.entry.uncompressedSize;
    }
    return bytes;
  });
}

/** The text of the first file whose name is `wanted`; undefined where there is none. Errors are those of {@link unzip}. */
export async function zippedText(archive: string, wanted: (name: string) => boolean): Promise<string | undefined> {
  return withZip(archive, async (members, file) => {
    const member = members.find(({ name }) => wanted(name));
    return member && (await bytesOf(file, member)).toString('utf8');
  });
}

async function withZip<Result>(
  archive: string,
  work: (members: readonly ZipMember[], file: FileHandle) => Promise<Result>,
): Promise<Result> {
  const options = { autoClose: false, lazyEntries: true, decodeStrings: false } as const;
  const zip = await openPromise(archive, options).catch((cause: Error) => {
    throw new Error(`it is not a zip archive, or it is cut short: ${cause.message}`, { cause });
  });
  try {
    const members: ZipMember[] = [];
    for await (const entry of zip.eachEntry()) {
      const name = Buffer.from(entry.fileName).toString('utf8');
      const start = async () => (await zip.readLocalFileHeaderPromise(entry, { minimal: true })).fileDataStart;
      if (!name.endsWith('/')) members.push({ name: checkedName(name, entry), entry, start });
    }
    const file = await open(archive, 'r');
    return await work(members, file).finally(() => file.close());
  } finally {
    zip.close();
  }
}

function checkedName(name: string, entry: Entry): string {
  const isInside =
    !/[\\\0]/.test(name) && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isInside) throw new Error(`the name ${JSON.stringify(name)} could leave the folder it is unpacked into`);
  if ((modeOf(entry) & 0o170000) === 0o120000) throw new Error(`${name} is a symbolic link`);
  if (!entry.canDecodeFileData()) throw new Error(`${name} is packed in a way that is not supported`);
  return name;
}

/** The Unix mode of a file, where the archive was made on such a system. */
function modeOf(entry: Entry): number {
  return entry.externalFileAttributes >>> 16;
}

async function bytesOf(file: FileHandle, { name, entry, start }: ZipMember): Promise<Buffer> {
  const packed = Buffer.alloc(entry.compressedSize);
  const { bytesRead } = await file.read(packed, 0, packed.length, await start());
  if (bytesRead !== packed.length) throw damaged(name, 'it is cut short');
  const bytes = entry.compressionMethod === 0 ? packed : inflated(name, packed, entry.uncompressedSize);
  expectIntact(name, entry, bytes.length, crc32(bytes));
  return bytes;
}

function inflated(name: string, packed: Buffer, size: number): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch (cause) {
    throw damaged(name, cause instanceof Error ? cause.message : String(cause));
  }
}

async function stream(file: FileHandle, { name, entry, start }: ZipMember, target: string, mode: number) {
  let [length, sum] = [0, 0];
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      sum = crc32(chunk, sum);
      done(length > entry.uncompressedSize ? damaged(name, 'it is longer than the archive says') : null, chunk);
    },
  });
  const from = await start();
  const source = file.createReadStream({
    start: from,
    end: from + entry.compressedSize - 1,
    autoClose: false,
    highWaterMark: 1 << 20,
  });
  const unpack = entry.compressionMethod === 0 ? [] : [createInflateRaw({ chunkSize: 1 << 20 })];
  await pipeline([source, ...unpack, check, createWriteStream(target, { mode, highWaterMark: 4 << 20 })]);
  expectIntact(name, entry, length, sum);
}

function expectIntact(name: string, entry: Entry, length: number, sum: number): void {
  if (length !== entry.uncompressedSize || sum !== entry.crc32)
    throw damaged(name, 'it does not match its length and checksum');
}

function damaged(name: string, reason: string): Error {
  return new Error(`${name} is damaged: ${reason}`);
}
