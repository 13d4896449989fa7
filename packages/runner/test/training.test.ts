import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NdArray, ndArray } from '@espalier/core';
import { writeSafetensors } from '@espalier/formats';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import type { RunEvent } from '../src/index.ts';
import { formatCheckpoint, parseCheckpoint } from '../src/training/training.ts';
import { calls, fail } from './toy-plugins.ts';
import { nodeOf, runToy, toyStudy } from './toy-study.ts';

beforeEach(() => {
  calls.length = 0;
  fail.atEpoch = null;
});

function longStudy(): Record<string, unknown> {
  const study = toyStudy();
  Object.assign(study.params as object, { seeds: [0], levels: [0.5], epochs: 4 });
  return study;
}

const checkpoints = (folder: string) => {
  const path = join(folder, '.espalier/store/checkpoints');
  return existsSync(path) ? readdirSync(path) : [];
};

test('training that was cut short goes on from its last epoch and ends where it would have ended', async () => {
  const folder = temporaryFolder();
  fail.atEpoch = 2;
  expect((await runToy(folder, longStudy())).status).toBe('failed');
  expect(calls.filter((call) => call.startsWith('epoch'))).toEqual(['epoch 0', 'epoch 1', 'epoch 2']);
  expect(checkpoints(folder)).toHaveLength(1);

  fail.atEpoch = null;
  calls.length = 0;
  const lines: string[] = [];
  const listener = (event: RunEvent) => void (event.type === 'log' && lines.push(event.line));
  const result = await runToy(folder, longStudy(), { listener });
  expect(calls.filter((call) => call.startsWith('epoch'))).toEqual(['epoch 2', 'epoch 3', 'epoch 0']); // the last is fine-tuning
  expect(lines[0]).toBe('going on after epoch 2, from the checkpoint of an earlier run');
  expect(checkpoints(folder)).toEqual([]);

  const undisturbed = await runToy(temporaryFolder(), longStudy());
  expect(readFileSync(result.outputs[0]!, 'utf8')).toBe(readFileSync(undisturbed.outputs[0]!, 'utf8'));
});

test('Ctrl-C stops a run, keeps what is done and goes on later', async () => {
  const folder = temporaryFolder();
  const stop = new AbortController();
  const listener = (event: RunEvent) => {
    if (event.type === 'progress' && event.progress.note?.startsWith('epoch 2')) stop.abort();
  };
  const result = await runToy(folder, longStudy(), { signal: stop.signal, listener });
  expect(result.status).toBe('interrupted');
  expect([...result.failures]).toEqual([]);
  calls.length = 0;
  expect((await runToy(folder, longStudy())).status).toBe('ok');
  expect(calls[0]).toBe('restore'); // the model that training started from
  expect(calls.filter((call) => call.startsWith('epoch'))).toEqual(['epoch 2', 'epoch 3', 'epoch 0']);
});

test('a diverged training is one failure, its dependants are skipped, and the report goes on without them', async () => {
  fail.atEpoch = 0;
  const result = await runToy(temporaryFolder(), longStudy());
  expect(result.failures.get('dense[seed=0]')).toEqual({
    code: 'core/training-diverged',
    text: 'The loss is NaN. Lower the learning rate.',
  });
  expect(result.status).toBe('failed');
  expect([...result.failures.keys()]).not.toContain('report');
  expect(result.missing).toEqual([]);
});

test('fine-tuning without images is refused', async () => {
  const study = longStudy();
  delete (nodeOf(study, 'prune').in as { data?: unknown }).data;
  await expect(runToy(temporaryFolder(), study)).rejects.toThrow(
    '/nodes/prune/with/finetune  toy/first has "finetune" but no images to train on. Connect its input "data", for example to data.train.',
  );
});

test('a checkpoint comes back as it was written', () => {
  const weights = new Map<string, NdArray>([
    ['conv.weight', ndArray('o i', [2, 2], Float32Array.of(0.1, -2, 3e-9, 4))],
  ]);
  const optimizer = new Map<string, NdArray>([
    ['conv.weight:momentum', ndArray('o i', [2, 2], Float32Array.of(1, 2, 3, 4))],
  ]);
  const history = [{ epoch: 0, loss: 0.1 + 0.2, accuracy: 1 / 3, learningRate: 0.01 }];
  const checkpoint = { epoch: 1, step: 17, history, weights, optimizer };
  expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
});

test.each([
  ['{"epoch":-1,"step":0,"history":[]}'],
  ['{"epoch":"1","step":0,"history":[]}'],
  ['{"epoch":1,"step":0.5,"history":[]}'],
  ['{"epoch":1,"step":0,"history":[3]}'],
  ['{"epoch":1,"step":0,"history":[{"epoch":0,"loss":"0.1","accuracy":1,"learningRate":1}]}'],
  ['{"epoch":1,"step":0,"history":[],"best":7}'],
  ['{"epoch":1e999,"step":0,"history":[]}'],
])('a checkpoint with the counters %s is refused', (checkpoint) => {
  expect(() => parseCheckpoint(writeSafetensors(new Map(), { checkpoint }))).toThrow('no readable counters');
});
