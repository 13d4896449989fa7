import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createFrom, plainServices } from '@espalier/core';
import { imagenette, imagenetteClasses } from '@espalier/data-imagenette';
import { smallImages } from './small-images.ts';
import { mutationsOf, otherValuesOf, type Target } from './target.ts';

const id = 'train/n01440764/fuzzed.JPEG';

/** Image files, opened in a dataset and decoded: taken whole, or refused by name. */
export function imageTarget(folder: string): Target {
  writeDataset(folder);
  return {
    name: 'image',
    seeds: smallImages,
    generators: [mutationsOf(smallImages)],
    place: /fuzzed\.JPEG/,
    leaves: ['train', 'val', 'cache'],
    async run(input) {
      writeFileSync(join(folder, id), input);
      const dataset = await open(folder);
      const split = dataset.split('train');
      await split.images([split.ids.indexOf(id)]);
    },
  };
}

/** Boxes files, as CSV or as JSON by their content. */
export function boxesTarget(folder: string): Target {
  writeDataset(folder);
  const rows = [
    { id, xmin: 1, ymin: 2, xmax: 10.5, ymax: 12 },
    { id: 'val/n01440764/whole.JPEG', xmin: 0, ymin: 0, xmax: 20, ymax: 12 },
  ];
  const lines = rows.map((row) => [`"${row.id}"`, row.xmin, row.ymin, row.xmax, row.ymax].join());
  const seeds = [Buffer.from(['id,xmin,ymin,xmax,ymax', ...lines].join('\n')), Buffer.from(JSON.stringify(rows))];
  return {
    name: 'boxes',
    seeds,
    generators: [mutationsOf(seeds), otherValuesOf(JSON.stringify(rows, undefined, 1))],
    place: /boxes\.csv/,
    leaves: ['train', 'val', 'cache', 'boxes.csv'],
    async run(input) {
      writeFileSync(join(folder, 'boxes.csv'), input);
      await open(folder, { boxes: 'boxes.csv' });
    },
  };
}

function open(folder: string, more: { readonly boxes?: string } = {}) {
  const services = plainServices({ folder, cacheFolder: join(folder, 'cache') });
  return createFrom(imagenette, { size: 32, folder, tuneFraction: 0, ...more }, services);
}

/** One whole image of every class in each part, and the one that cases are put in the place of. */
function writeDataset(folder: string): void {
  const [whole] = smallImages;
  const classes = imagenetteClasses.flatMap(({ wnid }) => [`train/${wnid}/whole.JPEG`, `val/${wnid}/whole.JPEG`]);
  for (const name of [...classes, id]) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), whole!);
  }
}
