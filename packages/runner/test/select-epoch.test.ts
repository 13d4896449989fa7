import { readFileSync } from 'node:fs';
import { type Model, ndArray, plainServices, type Split, type Weights } from '@espalier/core';
import { toyModel, toySplit } from '@espalier/core/testing';
import { readSafetensors } from '@espalier/formats';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { epochSelector, type SelectRequest } from '../src/training/select-epoch.ts';
import { formatCheckpoint, parseCheckpoint } from '../src/training/training.ts';
import { calls, fail } from './toy-plugins.ts';
import { nodeOf, runToy, toyStudy } from './toy-study.ts';

beforeEach(() => {
  calls.length = 0;
  fail.atEpoch = null;
});

const madeBy = { package: 'toy', plugin: 'toy', options: {}, seed: 0 };
const images: Split = { ...toySplit(10), labels: Array.from({ length: 10 }, (_, i) => i % 3) };

/** A model whose only weight says how many images it gets right: those with the lowest indices. */
function counting(right = 0): Model {
  const one = (value: number): Weights => new Map([['right', ndArray('o', [1], Float32Array.of(value))]]);
  return {
    ...toyModel(),
    weights: async () => one(right),
    withWeights: async (weights) => counting(weights.get('right')!.data[0]!),
    predict: async ({ shape }) =>
      ndArray(
        'n k',
        [shape[0]!, 3],
        Float32Array.from({ length: 3 * shape[0]! }, (_, i) => {
          const [n, k] = [Math.floor(i / 3), i % 3];
          return Number(k === (images.labels[n]! + Number(n >= right)) % 3);
        }),
      ),
  };
}

const weightsThatGet = async (right: number) => await counting(right).weights();

async function chosenOf(compared: SelectRequest['compared'], rights: readonly number[]) {
  const data = { split: images, madeBy, part: 'tune', perClass: null } as const;
  const epochs = rights.length - 1;
  const place = { epochs, best: undefined, services: plainServices() };
  const selector = epochSelector(counting(), { data, compared }, place);
  for (const [epoch, right] of rights.entries()) await selector.consider(epoch, await weightsThatGet(right));
  const selection = selector.selection();
  return selection && { ...selection, right: selector.best!.weights.get('right')!.data[0] };
}

test('keeps the most accurate weights after an epoch, the first of equals', async () => {
  expect(await chosenOf('after-epoch', [9, 3, 7, 7, 5])).toEqual({
    split: 'tune',
    epoch: 2,
    epochs: 4,
    accuracy: 0.7,
    compared: 'after-epoch',
    right: 7,
  });
});

test('before each epoch, the start competes and the last weights never do', async () => {
  expect(await chosenOf('before-epoch', [4, 3, 7, 5, 10])).toMatchObject({ epoch: 2, accuracy: 0.7 });
  expect(await chosenOf('before-epoch', [4, 3])).toMatchObject({ epoch: 0, accuracy: 0.4 });
});

test('nothing is chosen where nothing was trained', async () => {
  expect(await chosenOf('after-epoch', [4])).toBeUndefined();
  expect(await chosenOf('before-epoch', [4])).toBeUndefined();
});

test('a checkpoint keeps the best epoch so far', async () => {
  const best = { epoch: 1, accuracy: 1 / 3, weights: await weightsThatGet(3) };
  const now = { epoch: 2, step: 4, history: [], weights: await weightsThatGet(2), optimizer: new Map(), best };
  expect(parseCheckpoint(formatCheckpoint(now))).toEqual(now);
});

/** Four epochs, compared on the tuning images. Toys predict the same whatever their weights, so the first one wins. */
function selectingStudy(keep = 'best-after-epoch'): Record<string, unknown> {
  const study = toyStudy();
  Object.assign(study.params as object, { seeds: [0], epochs: 4 });
  const dense = nodeOf(study, 'dense');
  Object.assign(dense.in as object, { select: { $from: 'data.tune' } });
  Object.assign(dense.with as object, { keep });
  study.outputs = { 'dense.safetensors': { $from: 'dense.model' } };
  return study;
}

async function denseKernel(study: Record<string, unknown>, folder = temporaryFolder()): Promise<Float32Array> {
  const { outputs } = await runToy(folder, study);
  return readSafetensors(readFileSync(outputs[0]!), 'dense').tensors.get('conv.weight')!.data;
}

test('a study keeps the best epoch on the images that it connects', async () => {
  const untouched = selectingStudy();
  delete (nodeOf(untouched, 'dense').in as { select?: unknown }).select;
  const last = await denseKernel(untouched); // each of four epochs added 0.01 to every weight
  const first = await denseKernel(selectingStudy());
  const start = await denseKernel(selectingStudy('best-before-epoch'));
  expect(await denseKernel(selectingStudy('last'))).toEqual(last);
  expect([...first].map((value, i) => last[i]! - value)).toEqual([...first].map(() => expect.closeTo(0.03, 6)));
  expect([...start].map((value, i) => last[i]! - value)).toEqual([...start].map(() => expect.closeTo(0.04, 6)));
});

test('a run that was killed goes on with the best epoch it had found', async () => {
  const folder = temporaryFolder();
  fail.atEpoch = 2;
  expect((await runToy(folder, selectingStudy())).status).toBe('failed');
  fail.atEpoch = null;
  calls.length = 0;
  expect(await denseKernel(selectingStudy(), folder)).toEqual(await denseKernel(selectingStudy()));
  expect(calls.filter((call) => call.startsWith('epoch')).slice(0, 2)).toEqual(['epoch 2', 'epoch 3']);
});

test('rounds of pruning go on in the round and epoch where they were killed', async () => {
  const study = toyStudy();
  Object.assign(study.params as object, { seeds: [0], levels: [0.5], epochs: 1 });
  Object.assign(nodeOf(study, 'prune').with as object, {
    enforceMasks: false,
    rounds: [{ sparsity: 0.5, round: 3 }],
    finetune: { epochs: 2, batchSize: 3 },
  });
  study.outputs = { 'pruned.safetensors': { $from: 'prune.model' } };
  const folder = temporaryFolder();
  const stop = new AbortController();
  let trained = 0;
  const killed = await runToy(folder, study, {
    signal: stop.signal,
    listener: (event) => {
      // One epoch is the dense model's, two are round 1's; the next is the first of round 2.
      if (event.type === 'log' && event.line.startsWith('epoch') && ++trained === 4) stop.abort();
    },
  });
  expect(killed.status).toBe('interrupted');
  calls.length = 0;
  const { outputs } = await runToy(folder, study);
  expect(calls.filter((call) => call.startsWith('epoch'))).toEqual(['epoch 1', 'epoch 0', 'epoch 1']);
  const undisturbed = await runToy(temporaryFolder(), study);
  expect(readFileSync(outputs[0]!)).toEqual(readFileSync(undisturbed.outputs[0]!));
});
