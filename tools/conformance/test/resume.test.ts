import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as planted from '@espalier/data-planted';
import * as resnet from '@espalier/model-resnet';
import * as magnitude from '@espalier/pruner-magnitude';
import { type RunEvent, runStudy } from '@espalier/runner';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasTensorflow } from './reference.ts';

const packages = new Map<string, unknown>([
  ['@espalier/data-planted', planted],
  ['@espalier/model-resnet', resnet],
  ['@espalier/pruner-magnitude', magnitude],
]);

/** Trains with augmentation, then prunes and fine-tunes with the masks held. */
function study(optimizer: object): object {
  const training = { batchSize: 16, learningRate: 0.02, optimizer };
  return {
    apiVersion: 'study/v1',
    name: 'resume',
    plugins: {
      data: '@espalier/data-planted',
      resnet: '@espalier/model-resnet',
      magnitude: '@espalier/pruner-magnitude',
    },
    seed: 3,
    nodes: {
      data: { use: 'data/planted', with: { trainPerClass: 3, valPerClass: 1 } },
      network: { use: 'resnet/resnet18', with: { width: 4 }, in: { data: { $from: 'data.train' } } },
      dense: {
        use: 'core/train',
        in: { model: { $from: 'network.model' }, data: { $from: 'data.train' } },
        with: { epochs: 3, crop: { scale: [0.5, 1], ratio: [0.75, 1.33] }, flip: true, ...training },
      },
      prune: {
        use: 'magnitude/prune',
        in: { model: { $from: 'dense.model' }, data: { $from: 'data.train' } },
        with: { sparsity: 0.5, finetune: { epochs: 2, ...training } },
      },
    },
    outputs: { dense: { $from: 'dense.model' }, pruned: { $from: 'prune.model' } },
  };
}

interface Trained {
  /** Of every instance, what it left: weights, statistics of BatchNorm and history are all part of the digests. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly dense: Buffer;
  readonly pruned: Buffer;
  readonly interruptions: number;
}

/** Runs the study; stops it after each of the epochs that `stopAfter` says, and goes on. */
async function train(optimizer: object, engine: 'wasm' | 'tensorflow', stopAfter: RegExp): Promise<Trained> {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-resume-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'study.json');
  writeFileSync(file, JSON.stringify(study(optimizer)));
  for (let interruptions = 0; ; interruptions++) {
    const stop = new AbortController();
    const listener = (event: RunEvent): void => {
      if (event.type === 'log' && stopAfter.test(event.line)) stop.abort();
    };
    const result = await runStudy({ file, packages, compute: { engine }, signal: stop.signal, listener });
    if (result.status === 'interrupted') continue;
    expect([...result.failures]).toEqual([]);
    const [dense, pruned] = result.outputs.map((path) => readFileSync(path));
    return { outputs: recordedOutputs(folder), dense: dense!, pruned: pruned!, interruptions };
  }
}

function recordedOutputs(folder: string): Readonly<Record<string, unknown>> {
  const keys = join(folder, '.espalier/store/keys');
  const files = readdirSync(keys, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  const records = files.map((name) => JSON.parse(readFileSync(join(keys, name), 'utf8')).record);
  return Object.fromEntries(records.map(({ madeAs, outputs }) => [madeAs.instance, outputs]));
}

const optimizers = [
  { name: 'sgd', momentum: 0.9, nesterov: true },
  { name: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
];

describe.each(optimizers)(
  'training with $name that is stopped after every epoch ends as one that is not, to the byte',
  (optimizer) => {
    test.for(['wasm', 'tensorflow'] as const)('on %s', async (engine, { skip }) => {
      skip(engine === 'tensorflow' && !hasTensorflow, 'no native TensorFlow here');
      const calm = await train(optimizer, engine, /^never/);
      const stopped = await train(optimizer, engine, /^epoch [12]\//);
      expect([calm.interruptions, stopped.interruptions]).toEqual([0, 4]);
      expect(stopped.outputs).toEqual(calm.outputs);
      expect(stopped.dense.equals(calm.dense)).toBe(true);
      expect(stopped.pruned.equals(calm.pruned)).toBe(true);
    });
  },
);
