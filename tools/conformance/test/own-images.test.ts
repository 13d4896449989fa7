import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { randomStream } from '@espalier/core';
import * as folderOfImages from '@espalier/data-folder';
import * as vg from '@espalier/explainer-vg';
import * as metrics from '@espalier/metrics';
import * as resnet from '@espalier/model-resnet';
import * as magnitude from '@espalier/pruner-magnitude';
import { runStudy } from '@espalier/runner';
import sharp, { type Sharp } from 'sharp';
import { expect, onTestFinished, test } from 'vitest';

const packages = new Map<string, unknown>([
  ['@espalier/data-folder', folderOfImages],
  ['@espalier/model-resnet', resnet],
  ['@espalier/pruner-magnitude', magnitude],
  ['@espalier/explainer-vg', vg],
  ['@espalier/metrics', metrics],
]);

const study = {
  apiVersion: 'study/v1',
  name: 'own-images',
  plugins: {
    folder: '@espalier/data-folder',
    resnet: '@espalier/model-resnet',
    magnitude: '@espalier/pruner-magnitude',
    vg: '@espalier/explainer-vg',
    metrics: '@espalier/metrics',
  },
  seed: 4,
  nodes: {
    data: { use: 'folder/image-folder', with: { folder: 'photos', masks: 'photos/masks', size: 32 } },
    network: { use: 'resnet/resnet18', with: { width: 4 }, in: { data: { $from: 'data.train' } } },
    dense: {
      use: 'core/train',
      in: { model: { $from: 'network.model' }, data: { $from: 'data.train' } },
      with: { epochs: 1, batchSize: 8 },
    },
    prune: {
      use: 'magnitude/prune',
      in: { model: { $from: 'dense.model' }, data: { $from: 'data.train' } },
      with: { sparsity: 0.5 },
    },
    maps: { use: 'vg/saliency', in: { model: { $from: 'prune.model' }, images: { $from: 'data.val' } } },
    accuracy: { use: 'metrics/accuracy', in: { model: { $from: 'prune.model' }, images: { $from: 'data.val' } } },
    localisation: {
      use: 'metrics/localisation',
      in: { images: { $from: 'data.val' }, attributions: { $from: 'maps.attributions' } },
    },
  },
  outputs: { accuracy: { $from: 'accuracy.scores' }, scores: { $from: 'localisation.scores' } },
};

interface StoredScores {
  readonly metric: string;
  readonly ids: readonly string[];
  readonly values: readonly number[];
}

test('a folder of own classes, in several formats and with masks, is trained on, pruned, explained and measured', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-own-images-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await writePhotos(join(folder, 'photos'));
  writeFileSync(join(folder, 'study.json'), JSON.stringify(study));
  const result = await runStudy({ file: join(folder, 'study.json'), packages, compute: { engine: 'wasm' } });
  expect([...result.failures]).toEqual([]);
  const scoresOf = (name: string): readonly StoredScores[] =>
    JSON.parse(readFileSync(result.outputs.find((path) => basename(path) === name)!, 'utf8'));
  const [accuracy] = scoresOf('accuracy');
  // One of four images of each class evaluates: 0.2 of 4, rounded.
  expect(accuracy!.ids.map((id) => dirname(id))).toEqual(['10 spots', 'Straße', '猫 & co.']);
  const pointing = scoresOf('scores').find(({ metric }) => metric === 'pointing-game');
  expect(pointing!.ids).toEqual(accuracy!.ids);
  expect(pointing!.values.every((value) => value === 0 || value === 1)).toBe(true);
});

/** Squares on noise, and where they are; one image of each format that cameras and browsers write. */
async function writePhotos(folder: string): Promise<void> {
  const write = async (id: string, image: Sharp): Promise<void> => {
    const path = join(folder, id);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, await image.toBuffer());
  };
  for (const [label, name] of ['猫 & co.', '10 spots', 'Straße'].entries()) {
    for (const [i, format] of (['JPG', 'png', 'webp', 'tiff'] as const).entries()) {
      const stream = randomStream(1, name, i);
      const isSquare = (at: number) => at % 48 >= 12 && at % 48 < 30 && at >= 48 * 10 && at < 48 * 28;
      const pixels = Uint8Array.from({ length: 40 * 48 * 3 }, (_, at) =>
        isSquare(Math.floor(at / 3)) ? (at % 3 === label ? 255 : 0) : stream.integer(256),
      );
      const image = sharp(pixels, { raw: { height: 40, width: 48, channels: 3 } });
      await write(`${name}/${i}.${format}`, image.toFormat(format === 'JPG' ? 'jpeg' : format));
      const mask = Uint8Array.from({ length: 40 * 48 }, (_, at) => Number(isSquare(at)));
      await write(`masks/${name}/${i}.png`, sharp(mask, { raw: { height: 40, width: 48, channels: 1 } }).png());
    }
  }
}
