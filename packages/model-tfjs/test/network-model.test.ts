import { describeModel } from '@espalier/core/testing';
import { describe, expect, test } from 'vitest';
import { networkModel } from '../src/network-model.ts';
import type { Ops } from '../src/ops.ts';
import { engines } from './engines.ts';
import { slowOps } from './slow-ops.ts';
import { smallClasses, smallImages, smallInput, smallNetwork, smallWeights } from './small-network.ts';

function modelOn(ops: Ops, mode: 'exact' | 'fast' = 'exact') {
  return networkModel({
    ops,
    compute: { inference: mode, training: mode },
    network: smallNetwork,
    spec: { input: smallInput, classes: smallClasses },
    weights: smallWeights(),
    masks: new Map(),
    history: [],
  });
}

const slow = slowOps();
describeModel('a small network in plain loops', { create: () => modelOn(slow), live: () => slow.live });

for (const { name, ops, reason } of engines) {
  if (ops) describeModel(`a small network on ${name}`, { create: () => modelOn(ops), live: () => ops.live });
  else describe.skip(`a small network on ${name}${reason}`, () => test('model laws', () => {}));
}
