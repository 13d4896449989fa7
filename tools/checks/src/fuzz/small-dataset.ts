import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createFrom, type Dataset, plainServices } from '@espalier/core';
import { imagenette, imagenetteClasses } from '@espalier/data-imagenette';

/** Height and width of the images as they are evaluated. */
export const evaluatedSize = 32;

/** Writes a data set with one whole image of every class in each part; `more` are further ids. */
export function writeDataset(
  folder: string,
  image: Uint8Array,
  { ending, more = [] }: { readonly ending: string; readonly more?: readonly string[] },
): void {
  const whole = imagenetteClasses.flatMap(({ wnid }) =>
    ['train', 'val'].map((part) => `${part}/${wnid}/whole${ending}`),
  );
  for (const name of [...whole, ...more]) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), image);
  }
}

/** Opens the data set in `folder`. */
export function openDataset(folder: string, options: { readonly boxes?: string } = {}): Promise<Dataset> {
  const services = plainServices({ folder, cacheFolder: join(folder, 'cache') });
  return createFrom(imagenette, { size: evaluatedSize, folder, tuneFraction: 0, ...options }, services);
}
