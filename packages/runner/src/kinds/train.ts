import { type TrainOptions, trainOptions } from '@espalier/core';
import type { NodeKind } from './node-kind.ts';

/** Trains a model: the built-in node `core/train`, which no plugin stands behind. */
export const train: NodeKind = {
  inputs: () => ({ model: { kind: 'model' }, data: { kind: 'split' } }),
  outputs: { model: 'model' },
  options: trainOptions,
  arithmetic: 'training',
  async run(_port, { inputs, options, train: fit }) {
    const start = await inputs.load('model', 'model');
    const data = await inputs.load('data', 'split');
    const trained = await fit(start.model, data, options as TrainOptions); // parsed by trainOptions before
    const { madeBy, architecture } = start;
    return { model: { kind: 'model', value: { model: trained, madeBy, architecture } } };
  },
};
