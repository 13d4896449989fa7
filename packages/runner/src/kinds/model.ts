import { defineKind, noOptions } from './node-kind.ts';

/** Makes a model that fits the images and classes of `data`, before any training. */
export const model = defineKind<'model', typeof noOptions>({
  inputs: () => ({ data: { kind: 'split' } }),
  outputs: { model: 'model' },
  options: noOptions,
  arithmetic: 'none',
  reopens: true,
  async run(factory, { madeBy, inputs }) {
    const { split } = await inputs.load('data', 'split');
    const { height, width, normalisation, classes } = split;
    const input = { height, width, channels: 3, mean: normalisation.mean, std: normalisation.std };
    const created = await factory.create({ input, classes }, madeBy.seed);
    return { model: { kind: 'model', value: { model: created, madeBy, architecture: factory.architecture } } };
  },
});
