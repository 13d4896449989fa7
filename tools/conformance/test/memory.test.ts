import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as planted from '@espalier/data-planted';
import * as resnet from '@espalier/model-resnet';
import { planStudy } from '@espalier/runner';
import { expect, onTestFinished, test } from 'vitest';
import { hasTensorflow } from './reference.ts';

const packages = new Map<string, unknown>([
  ['@espalier/data-planted', planted],
  ['@espalier/model-resnet', resnet],
]);

interface Training {
  readonly width: number;
  readonly size: number;
  readonly batchSize: number;
  readonly optimizer: 'sgd' | 'adamw';
}

/** What `plan` says of the training, in bytes. */
async function planned(engine: 'wasm' | 'tensorflow', training: Training): Promise<number> {
  const { width, size, batchSize, optimizer } = training;
  const folder = mkdtempSync(join(tmpdir(), 'espalier-memory-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'study.json');
  const study = {
    apiVersion: 'study/v1',
    name: 'memory',
    plugins: { data: '@espalier/data-planted', resnet: '@espalier/model-resnet' },
    seed: 0,
    nodes: {
      data: { use: 'data/planted', with: { size } },
      network: { use: 'resnet/resnet18', in: { data: { $from: 'data.train' } }, with: { width } },
      dense: {
        use: 'core/train',
        in: { model: { $from: 'network.model' }, data: { $from: 'data.train' } },
        with: { epochs: 1, batchSize, optimizer: { name: optimizer } },
      },
    },
    outputs: { model: { $from: 'dense.model' } },
  };
  writeFileSync(file, JSON.stringify(study));
  const { instances } = await planStudy({ file, packages, compute: { engine } });
  expect(instances.find(({ id }) => id === 'data')).not.toHaveProperty('memoryBytes');
  return instances.find(({ id }) => id === 'dense')!.memoryBytes!;
}

/** Two steps on the same images, as `core/train` takes them, by the packages as they are built. */
const program = `
import { createFrom, ndArray, plainServices, trainOptions } from '@espalier/core';
import { resnet18 } from '@espalier/model-resnet';
const { engine, width, size, batchSize, optimizer } = JSON.parse(process.argv[1]);
const services = plainServices({ compute: { engine, inference: 'exact', training: 'exact' } });
const factory = await createFrom(resnet18, { width }, services);
const input = { height: size, width: size, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] };
const model = await factory.create({ input, classes: [...'0123456789'] }, 0);
const images = ndArray('n h w c', [batchSize, size, size, 3]);
const batch = { images, labels: Array.from({ length: batchSize }, (_, i) => i % 10) };
const source = { imagesPerEpoch: 2 * batchSize, batchesPerEpoch: 2, epoch: async function* () { yield batch; yield batch; } };
await model.train(source, trainOptions.parse({ epochs: 1, batchSize, optimizer: { name: optimizer } }));
console.log(1024 * process.resourceUsage().maxRSS);`;

/** The most memory that a process of its own held while it trained, in bytes. */
function measured(engine: 'wasm' | 'tensorflow', training: Training): number {
  const args = ['--input-type=module', '--eval', program, JSON.stringify({ engine, ...training })];
  const out = execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' });
  return Number(out.trim().split('\n').at(-1));
}

const trainings: readonly Training[] = [
  { width: 8, size: 32, batchSize: 8, optimizer: 'sgd' },
  { width: 48, size: 32, batchSize: 8, optimizer: 'adamw' },
  { width: 16, size: 128, batchSize: 64, optimizer: 'sgd' },
];

test.for((['wasm', 'tensorflow'] as const).flatMap((engine) => trainings.map((each) => [engine, each] as const)))(
  'on %s, %o wants what is planned, within a factor of 2',
  { timeout: 120_000 },
  async ([engine, training], { skip }) => {
    skip(engine === 'tensorflow' && !hasTensorflow, 'no native TensorFlow here');
    const ratio = (await planned(engine, training)) / measured(engine, training);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  },
);
