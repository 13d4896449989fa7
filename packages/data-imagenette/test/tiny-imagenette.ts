import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { plainServices, randomStream, type Services } from '@espalier/core';
import { imagenetteClasses } from '@espalier/data-imagenette';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';

/** An empty folder that is removed when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tiny-imagenette-'));
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

export async function jpeg(height: number, width: number, seed: number): Promise<Buffer> {
  return sharp(gradient(height, width, seed), { raw: { height, width, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}

export interface TinySizes {
  readonly train?: number;
  readonly val?: number;
  readonly height?: number;
  readonly width?: number;
}

/** Writes a dataset in ImageNette's layout below `folder`, a few generated JPEGs per class. */
export async function writeTinyImagenette(folder: string, sizes: TinySizes = {}): Promise<void> {
  const { train = 4, val = 2, height = 40, width = 48 } = sizes;
  const writes: Promise<unknown>[] = [];
  imagenetteClasses.forEach(({ wnid }, label) => {
    for (const [part, count] of Object.entries({ train, val })) {
      for (let i = 0; i < count; i++) {
        const path = join(folder, part, wnid, `${wnid}_${i}.JPEG`);
        mkdirSync(dirname(path), { recursive: true });
        const pixels = gradient(height, width, label * 100 + i + (part === 'val' ? 50 : 0));
        writes.push(
          sharp(pixels, { raw: { height, width, channels: 3 } })
            .jpeg()
            .toFile(path),
        );
      }
    }
  });
  await Promise.all(writes);
}

/** A dataset in a folder that is removed when the test is over. */
export async function tinyImagenette(sizes: TinySizes = {}): Promise<string> {
  const folder = temporaryFolder();
  await writeTinyImagenette(folder, sizes);
  return folder;
}
