import { type Model, ndArray } from '@espalier/core';
import { describeModel } from '@espalier/core/testing';
import type { Ops } from '@espalier/engine';
import { describe, expect, test } from 'vitest';
import { engines, slowOps } from '../../engine/test/support/index.ts';
import { networkModel } from '../src/model/network-model.ts';
import { smallClasses, smallImages, smallInput, smallNetwork, smallWeights } from './small-network.ts';

function modelOn(ops: Ops, weights = smallWeights(), mode: 'exact' | 'fast' = 'exact') {
  return networkModel({
    ops,
    compute: { inference: mode, training: mode },
    network: smallNetwork,
    spec: { input: smallInput, classes: smallClasses },
    weights,
    masks: new Map(),
    history: [],
  });
}

const slow = slowOps();
describeModel('a small network in plain loops', { create: () => modelOn(slow), live: () => slow.live });

for (const { name, ops, reason } of engines) {
  describe.skipIf(!ops)(`where it can run${reason}`, () => {
    describeModel(`a small network on ${name}`, { create: () => modelOn(ops!), live: () => ops!.live });
  });
}

describe('errors say what was expected, what was found and what to do', () => {
  test('weights that do not fit are all listed', () => {
    const weights = new Map(smallWeights());
    weights.delete('stem.norm.bias');
    weights.set('head.weight', ndArray('o i', [2, 6]));
    weights.set('extra', ndArray('o', [1]));
    expect(() => modelOn(slow, weights)).toThrowErrorMatchingInlineSnapshot(`
      [StudyError: The weights do not fit the network small:
        "stem.norm.bias" is missing
        "head.weight" must have the shape [3, 6], found [2, 6]
        "extra" is not a parameter
      Use weights of the same architecture, width and number of classes.]
    `);
  });

  test.each([
    ['disposed', async (model: Model) => model[Symbol.dispose]()],
    ['wrong class', async (model: Model) => model.inputGradient(smallImages(1), [3])],
    ['indices', async (model: Model) => model.inputGradient(smallImages(1), [])],
    ['layer', async (model: Model) => model.activations(smallImages(1), 'layer9')],
    ['mask name', async (model: Model) => model.masked(new Map([['stem.norm.running_mean', new Uint8Array(4)]]))],
    ['mask size', async (model: Model) => model.masked(new Map([['head.weight', new Uint8Array(3)]]))],
    ['mask values', async (model: Model) => model.masked(new Map([['head.bias', Uint8Array.of(0, 1, 2)]]))],
  ])('%s', async (_, work) => {
    using model = modelOn(slow);
    const message = await work(model)
      .then(() => model.predict(smallImages(1)))
      .then(String, (error: Error) => error.message);
    expect(message).toMatchSnapshot();
  });
});
