import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createFrom, type Dataset, plainServices, randomStream, type Services, StudyError } from '@espalier/core';
import { imageFolder } from '@espalier/data-folder';
import sharp, { type Sharp } from 'sharp';
import { onTestFinished } from 'vitest';

/** An empty folder that is removed when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tiny-folder-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Services whose cache is in a folder of its own. */
export function quietServices(changes: Partial<Services> = {}): Services {
  return plainServices({ cacheFolder: join(temporaryFolder(), 'cache'), ...changes });
}

/** Smooth synthetic pixels, `h w c` bytes: a colour gradient that differs from seed to seed. */
export function gradient(height: number, width: number, seed: number): Uint8Array {
  const stream = randomStream(seed, 'gradient');
  const corners = Array.from({ length: 9 }, () => stream.integer(256));
  const pixels = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        const across = corners[c]! + ((corners[3 + c]! - corners[c]!) * x) / width;
        pixels[(y * width + x) * 3 + c] = across + ((corners[6 + c]! - across) * y) / height;
      }
  return pixels;
}

/** Generated pixels as a sharp image. */
export function picture(height: number, width: number, seed: number): Sharp {
  return sharp(gradient(height, width, seed), { raw: { height, width, channels: 3 } });
}

export function jpeg(height: number, width: number, seed: number): Promise<Buffer> {
  return picture(height, width, seed).jpeg({ quality: 90 }).toBuffer();
}

/** Sizes of a generated data set: images per class and part, and their pixels. */
export interface TinySizes {
  readonly train?: number;
  readonly val?: number;
  readonly height?: number;
  readonly width?: number;
}

const encoded = new Map<string, Promise<Buffer>>();

/** A picture as a file, encoded once: most tests write the same ones. */
function pictureFile(height: number, width: number, seed: number, isPng: boolean): Promise<Buffer> {
  const name = `${height} x ${width}, ${seed}, ${isPng}`;
  const known = encoded.get(name);
  if (known) return known;
  const image = picture(height, width, seed);
  const made = (isPng ? image.png() : image.jpeg()).toBuffer();
  encoded.set(name, made);
  return made;
}

/** Writes generated images of these ids below `folder`, each another one; PNG where the name says so, else JPEG. */
export async function writeImages(
  folder: string,
  ids: readonly string[],
  { height = 40, width = 48 }: TinySizes = {},
  seeds: readonly number[] = [...ids.keys()],
): Promise<void> {
  await Promise.all(
    ids.map(async (id, i) => {
      const path = join(folder, id);
      mkdirSync(dirname(path), { recursive: true });
      await writeFile(path, await pictureFile(height, width, seeds[i]!, /\.png$/i.test(id)));
    }),
  );
}

/** Writes `{train,val}/<class>/<class>_<i>.JPEG` below `folder`. */
export function writeParts(folder: string, classes: readonly string[], sizes: TinySizes = {}): Promise<void> {
  const { train = 4, val = 2 } = sizes;
  const all = Object.entries({ train, val }).flatMap(([part, count]) =>
    classes.flatMap((name, label) =>
      Array.from({ length: count }, (_, i) => ({
        id: `${part}/${name}/${name}_${i}.JPEG`,
        seed: label * 100 + i + (part === 'val' ? 50 : 0),
      })),
    ),
  );
  const [ids, seeds] = [all.map(({ id }) => id), all.map(({ seed }) => seed)];
  return writeImages(folder, ids, sizes, seeds);
}

/** A data set of three classes with the parts train and val, in a folder that is removed when the test is over. */
export async function tinyFolder(sizes: TinySizes = {}): Promise<string> {
  const folder = temporaryFolder();
  await writeParts(folder, ['ant', 'bee', 'cat'], sizes);
  return folder;
}

/** A folder with generated images of these ids. */
export async function folderOf(ids: readonly string[], sizes: TinySizes = {}): Promise<string> {
  const folder = temporaryFolder();
  await writeImages(folder, ids, sizes);
  return folder;
}

/** `<class>/0.png` and so on, `count` of each class. */
export function idsOf(classes: readonly string[], count: number): readonly string[] {
  return classes.flatMap((name) => Array.from({ length: count }, (_, i) => `${name}/${i}.png`));
}

/** The data set in `folder`, of 32 x 32 pixels. */
export function open(folder: string, options: Readonly<Record<string, unknown>> = {}): Promise<Dataset> {
  return createFrom(imageFolder, { folder, size: 32, ...options }, quietServices());
}

/** The error that opening the data set ends in. */
export async function failure(folder: string, options: Readonly<Record<string, unknown>> = {}): Promise<StudyError> {
  const error: unknown = await open(folder, options).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!StudyError.is(error)) throw new Error(`no StudyError: ${error instanceof Error ? error.stack : String(error)}`);
  return error;
}

/** Code and text of that error, with the folder as `<folder>`. */
export async function refusal(folder: string, options: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const { code, message } = await failure(folder, options);
  return `${code}: ${message.replaceAll(folder, '<folder>')}`;
}
