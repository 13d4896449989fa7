import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type NdArray, randomStream } from '@espalier/core';
import * as imagenette from '@espalier/data-imagenette';
import * as ig from '@espalier/explainer-ig';
import * as vg from '@espalier/explainer-vg';
import { readSafetensors } from '@espalier/formats';
import * as metrics from '@espalier/metrics';
import * as resnet from '@espalier/model-resnet';
import { runStudy } from '@espalier/runner';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';

const packages = new Map<string, unknown>([
  ['@espalier/data-imagenette', imagenette],
  ['@espalier/model-resnet', resnet],
  ['@espalier/explainer-vg', vg],
  ['@espalier/explainer-ig', ig],
  ['@espalier/metrics', metrics],
]);

/** Two validation images of each class, of 64 x 96 pixels: evaluated at 32 x 32, half as large, without 8 columns at each side. */
const ids = imagenette.imagenetteClasses.flatMap(({ wnid }) => [0, 1].map((i) => `val/${wnid}/${wnid}_${i}.JPEG`));
const side = 32;

/** In pixels of the originals, and the pixels of the evaluated image that they cover, worked by hand. */
const boxes: readonly {
  id: string;
  box: [number, number, number, number];
  seen: (row: number, column: number) => boolean;
}[] = [
  { id: ids[1]!, box: [16, 0, 48, 32], seen: (row, column) => row < 16 && column < 16 },
  { id: ids[4]!, box: [40, 20, 80, 64], seen: (row, column) => row >= 10 && column >= 12 && column < 32 },
  { id: ids[4]!, box: [16, 0, 20, 8], seen: (row, column) => row < 4 && column < 2 },
  { id: ids[7]!, box: [0, 0, 12, 64], seen: () => false }, // cropped away
  { id: ids[19]!, box: [0, 0, 96, 6], seen: (row) => row < 3 },
];

function study(folder: string): object {
  return {
    apiVersion: 'study/v1',
    name: 'boxes',
    plugins: Object.fromEntries([...packages.keys()].map((name) => [name.split('-').at(-1)!.split('/').at(-1)!, name])),
    seed: 4,
    nodes: {
      data: {
        use: 'imagenette/imagenette',
        with: { folder, boxes: join(folder, 'boxes.csv'), size: side, evalPerClass: 1 },
      },
      network: { use: 'resnet/resnet18', with: { width: 4 }, in: { data: { $from: 'data.train' } } },
      maps: {
        use: { $axis: 'explainer' },
        in: { model: { $from: 'network.model' }, images: { $from: 'data.val' } },
        matrix: { explainer: ['vg/saliency', { use: 'ig/integrated-gradients', with: { steps: 4 } }] },
      },
      localisation: {
        use: 'metrics/localisation',
        in: { images: { $from: 'data.val' }, attributions: { $from: 'maps.attributions' } },
      },
    },
    outputs: { maps: { $from: 'maps.attributions' }, scores: { $from: 'localisation.scores' } },
  };
}

interface StoredScores {
  readonly metric: string;
  readonly ids: readonly string[];
  readonly values: readonly number[];
  readonly omitted: readonly { readonly reason: string; readonly ids: readonly string[] }[];
}

test('a study holds maps of a folder of images against the boxes of a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-boxes-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await writeImages(folder);
  const rows = boxes.map(({ id, box }) => [id, ...box].join(','));
  writeFileSync(join(folder, 'boxes.csv'), `id,xmin,ymin,xmax,ymax\n${rows.join('\n')}\n`);
  writeFileSync(join(folder, 'study.json'), JSON.stringify(study(folder)));
  const result = await runStudy({ file: join(folder, 'study.json'), packages, compute: { engine: 'wasm' } });
  expect([...result.failures]).toEqual([]);

  for (const [explainer, reduce] of [
    ['saliency', sumOfAbsolutes],
    ['integrated-gradients', positivePartOfSum],
  ] as const) {
    const file = (kind: string) =>
      readFileSync(result.outputs.find((path) => basename(dirname(path)) === kind && path.includes(explainer))!);
    const values = readSafetensors(file('maps'), 'maps').tensors.get('values')!;
    const scores: readonly StoredScores[] = JSON.parse(file('scores').toString());
    expect(scores.map(({ metric }) => metric)).toEqual(['pointing-game', 'relevance-mass', 'relevance-rank']);
    for (const [i, { ids: scored, values: found, omitted }] of scores.entries()) {
      expect(scored).toEqual([ids[1], ids[4], ids[19]]);
      expect(omitted).toEqual([{ reason: 'no region', ids: ids.filter((id) => !scored.includes(id)) }]);
      scored.forEach((id, n) => {
        expect(found[n], `${scores[i]!.metric} of ${id} by ${explainer}`).toBeCloseTo(
          slowly(id, reduce(values, id))[i]!,
          6,
        );
      });
    }
    expect(new Set(scores[1]!.values).size, 'masses that differ').toBe(3);
  }
});

/** Pointing game, mass and rank, in the words of their definitions; the map has no ties where they would matter. */
function slowly(id: string, map: readonly number[]): readonly number[] {
  const inside = (pixel: number) =>
    boxes.some((box) => box.id === id && box.seen(Math.floor(pixel / side), pixel % side));
  const order = [...map.keys()].sort((a, b) => map[b]! - map[a]!);
  const size = order.filter(inside).length;
  const sum = (pixels: readonly number[]) => pixels.reduce((total, pixel) => total + map[pixel]!, 0);
  expect(map[order[size - 1]!]).toBeGreaterThan(map[order[size]!]!);
  const top = order.slice(0, size);
  return [Number(inside(order[0]!)), sum(order.filter(inside)) / sum(order), top.filter(inside).length / size];
}

function sumOfAbsolutes(values: NdArray, id: string): readonly number[] {
  return pixelsOf(values, id).map((channels) => channels.reduce((sum, value) => sum + Math.abs(value), 0));
}

function positivePartOfSum(values: NdArray, id: string): readonly number[] {
  return pixelsOf(values, id).map((channels) =>
    Math.max(
      0,
      channels.reduce((sum, value) => sum + value, 0),
    ),
  );
}

/** The channels of each pixel of one image. */
function pixelsOf({ data }: NdArray, id: string): readonly number[][] {
  const start = ids.indexOf(id) * side * side;
  return Array.from({ length: side * side }, (_, i) => [...data.subarray(3 * (start + i), 3 * (start + i + 1))]);
}

/** One training and two validation images of noise for every class. */
async function writeImages(folder: string): Promise<void> {
  const training = imagenette.imagenetteClasses.map(({ wnid }) => `train/${wnid}/${wnid}_0.JPEG`);
  for (const id of [...training, ...ids]) {
    const stream = randomStream(1, id);
    const noise = Uint8Array.from({ length: 64 * 96 * 3 }, () => stream.integer(256));
    mkdirSync(dirname(join(folder, id)), { recursive: true });
    await sharp(noise, { raw: { height: 64, width: 96, channels: 3 } })
      .jpeg()
      .toFile(join(folder, id));
  }
}
