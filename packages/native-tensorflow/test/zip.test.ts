import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { readTarball } from '../src/install/node-package.ts';
import { unzip } from '../src/install/zip.ts';
import { type Member, tarball, writeChecksum, zip } from './archive.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-zip-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function unpack(bytes: Uint8Array, place: (name: string) => string | null = (name) => name) {
  const folder = temporaryFolder();
  const archive = join(folder, 'archive.zip');
  writeFileSync(archive, bytes);
  return { folder, written: await unzip(archive, join(folder, 'out'), place) };
}

const bytes = Buffer.from('TensorFlow');

test('what was packed comes out, stored or deflated, small or streamed, behind a comment that looks like an end', async () => {
  // Above the size from which members are streamed; a repeating pattern, so that inflate gives many chunks for few bytes.
  const large = Buffer.alloc(5 << 20, 'espalier');
  const members: Member[] = [
    { name: 'a/empty', bytes: Buffer.alloc(0) },
    { name: 'a/stored', bytes, stored: true },
    { name: 'ptxas', bytes, mode: 0o100755 },
    { name: 'large', bytes: large },
    { name: 'large-stored', bytes: large, stored: true },
  ];
  const { folder, written } = await unpack(zip(members, 'PK\x05\x06'.slice(0, 3)));
  for (const { name, bytes } of members) expect(readFileSync(join(folder, 'out', name)).equals(bytes)).toBe(true);
  expect(written).toBe(2 * bytes.length + 2 * large.length);
  expect(statSync(join(folder, 'out', 'ptxas')).mode & 0o777).toBe(0o755);
  expect(statSync(join(folder, 'out', 'large')).mode & 0o111).toBe(0);
});

test('any bytes survive, and only what is placed is written', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
      fc.boolean(),
      async (all, stored) => {
        const members = all.map((bytes, i) => ({ name: `member-${i}`, bytes, stored }));
        const kept = (name: string) => (Number(name.slice(7)) % 2 === 0 ? `kept/${name}` : null);
        const folder = mkdtempSync(join(tmpdir(), 'espalier-zip-'));
        try {
          writeFileSync(join(folder, 'archive.zip'), zip(members));
          await unzip(join(folder, 'archive.zip'), folder, kept);
          for (const { name, bytes } of members) {
            const path = kept(name);
            if (path) expect([...readFileSync(join(folder, path))]).toEqual([...bytes]);
            else expect(statSync(join(folder, 'kept', name), { throwIfNoEntry: false })).toBeUndefined();
          }
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
    ),
    { seed: 1, numRuns: 30 },
  );
});

test.each(['../up', 'a/../../up', '/etc/passwd', 'a\\..\\up', './a', 'a//b', 'nul\0'])(
  'the name %j is refused before anything is written',
  async (name) => {
    await expect(unpack(zip([{ name, bytes }]))).rejects.toThrow('could leave the folder it is unpacked into');
  },
);

test('a symbolic link is refused', async () => {
  const link = { name: 'lib', bytes: Buffer.from('/etc'), mode: 0o120777 };
  await expect(unpack(zip([link]))).rejects.toThrow('lib is a symbolic link');
});

test.each([10, 5 << 20])('a changed or mislabelled member of %i bytes is noticed', async (size) => {
  const bytes = Buffer.alloc(size, 'x');
  await expect(unpack(zip([{ name: 'm', bytes, crc: 1 }]))).rejects.toThrow(
    'm is damaged: it does not match its length and checksum',
  );
  await expect(unpack(zip([{ name: 'm', bytes, size: size + 1 }]))).rejects.toThrow(
    'm is damaged: it does not match its length and checksum',
  );
  // A bomb: more comes out than was declared.
  await expect(unpack(zip([{ name: 'm', bytes, size: Math.max(1, size - 9) }]))).rejects.toThrow(/^m is damaged: /);
});

test('what is no zip archive, or half of one, is refused', async () => {
  const whole = zip([{ name: 'm', bytes }]);
  await expect(unpack(Buffer.from('<html>blocked</html>'))).rejects.toThrow('not a zip archive, or it is cut short');
  await expect(unpack(whole.subarray(0, whole.length - 30))).rejects.toThrow('not a zip archive, or it is cut short');
  await expect(unpack(whole.subarray(20))).rejects.toThrow();
});

test('an npm tarball gives its files by name', async () => {
  const members = [
    { name: 'package/binding/utils.h', bytes: Buffer.alloc(1000, 'u') },
    { name: 'package/empty', bytes: Buffer.alloc(0) },
    { name: 'package/exact', bytes: Buffer.alloc(512, 'e') },
  ];
  expect(await readTarball(tarball(members))).toEqual(new Map(members.map(({ name, bytes }) => [name, bytes])));
  await expect(readTarball(Buffer.from('no gzip'))).rejects.toThrow('incorrect header check');
});

test.each([
  ['-0000001750', 'no number of bytes'],
  ['00000010000', 'Unexpected end of data'],
])('an npm tarball with a size of %j, which it does not have, is refused, not read for ever', async (size, problem) => {
  const header = Buffer.alloc(512);
  header.write('package/file', 0);
  header.write(size, 124);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  writeChecksum(header);
  await expect(readTarball(gzipSync(Buffer.concat([header, Buffer.alloc(1024)])))).rejects.toThrow(problem);
});
