import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeLabels } from '@espalier/core/testing';
import { imagenette } from '@espalier/data-imagenette';
import { afterAll, beforeAll } from 'vitest';
import { writeTinyImagenette } from './tiny-imagenette.ts';

const root = mkdtempSync(join(tmpdir(), 'espalier-labels-'));
const [folder, other, boxes] = ['images', 'other', 'boxes.csv'].map((name) => join(root, name)) as [
  string,
  string,
  string,
];
beforeAll(async () => {
  await Promise.all([writeTinyImagenette(folder), writeTinyImagenette(other, { width: 56 })]);
  truncateSync(join(folder, 'train/n01440764/n01440764_1.JPEG'), 300);
  writeFileSync(boxes, 'id,xmin,ymin,xmax,ymax\nval/n03888257/n03888257_0.JPEG,1,2,3,4\n');
});
afterAll(() => rmSync(root, { recursive: true }));

describeLabels(imagenette, {
  bases: [{ size: 32, folder, tuneFraction: 0.25, onDamaged: 'skip' }],
  values: { size: [36], folder: [other], boxes: [boxes], tuneFraction: [0.5], splitSeed: [1], resizeRatio: [1.5] },
  untriable: { archive: 'downloads', onDamaged: 'the other choice is refused where an image is damaged' },
});
