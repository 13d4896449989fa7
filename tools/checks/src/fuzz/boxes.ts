import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from '@espalier/core';
import { type BoxText, csvBoxes, jsonBoxes, type TrueBox } from './box-rows.ts';
import { evaluatedSize, openDataset, writeDataset } from './small-dataset.ts';
import { smallPng } from './small-images.ts';
import { type Case, caseOf, type Generator, mutationsOf, otherValuesOf, type Reader, type Target } from './target.ts';

const ids = ['val/n01440764/whole.png', 'val/n02102040/whole.png', 'train/n01440764/whole.png'];
/** Height and width of the image files. */
const fileSize = 5;

/** Boxes files, as CSV or as JSON by their content: read to exactly the pixels that an obvious reading gives, or refused. */
export function boxesTarget(folder: string): Target {
  writeDataset(folder, smallPng, { ending: '.png' });
  const boxes: readonly TrueBox[] = [
    { id: ids[0]!, xmin: 1, ymin: 2, xmax: 4.5, ymax: 3 },
    { id: ids[1]!, xmin: 0, ymin: 0, xmax: 5, ymax: 5 },
  ];
  const lines = boxes.map(({ id, ...numbers }) => [`"${id}"`, ...Object.values(numbers)].join());
  const seeds = [Buffer.from(['id,xmin,ymin,xmax,ymax', ...lines].join('\n')), Buffer.from(JSON.stringify(boxes))];
  const reader: Reader = {
    place: /boxes\.csv/,
    read(input) {
      writeFileSync(join(folder, 'boxes.csv'), input);
      return openDataset(folder, { boxes: 'boxes.csv' });
    },
  };
  const rows = (name: string, make: (label: string) => BoxText): Generator => ({
    name,
    make: (label) => rowsCase(reader, make(label)),
  });
  return {
    name: 'boxes',
    sound: seeds.map((seed) => caseOf(reader, seed)),
    generators: [
      mutationsOf(reader, seeds),
      otherValuesOf(reader, JSON.stringify(boxes, undefined, 1)),
      rows('csv rows', (label) => csvBoxes(ids, fileSize, label)),
      rows('json rows', (label) => jsonBoxes(ids, fileSize, label)),
    ],
    leaves: ['train', 'val', 'cache', 'boxes.csv'],
  };
}

function rowsCase({ place, read }: Reader, { text, boxes, damage }: BoxText): Case {
  return {
    place,
    // The masks are what of boxes is used.
    read: async () => masksIn((await read(Buffer.from(text))) as Dataset), // what the reader opens
    expected: damage
      ? { outcome: 'refused', since: `${damage}:\n${text}` }
      : { outcome: 'accepted', since: `all is right in:\n${text}` },
    judge: (masks) => (masks === masksOf(boxes) ? undefined : `other masks than those of:\n${text}`),
  };
}

async function masksIn(dataset: Dataset): Promise<string> {
  const found = ids.map(async (id) => {
    const split = dataset.split(id.startsWith('val') ? 'val' : 'train');
    const regions = await split.truth!(split.ids.indexOf(id));
    return regions.map(({ mask }) => [...mask].join('')).sort();
  });
  return JSON.stringify(await Promise.all(found));
}

/** Pixel by pixel: whether its centre lies in the box. */
function masksOf(boxes: readonly TrueBox[]): string {
  const scale = evaluatedSize / fileSize;
  const pixels = Array.from({ length: evaluatedSize ** 2 }, (_, i) => ({
    x: (i % evaluatedSize) + 0.5,
    y: Math.floor(i / evaluatedSize) + 0.5,
  }));
  const mask = ({ xmin, ymin, xmax, ymax }: TrueBox): string =>
    pixels
      .map(({ x, y }) => x >= xmin * scale && x < xmax * scale && y >= ymin * scale && y < ymax * scale)
      .map((isInside) => (isInside ? 1 : 0))
      .join('');
  return JSON.stringify(
    ids.map((id) =>
      boxes
        .filter((box) => box.id === id)
        .map(mask)
        .sort(),
    ),
  );
}
