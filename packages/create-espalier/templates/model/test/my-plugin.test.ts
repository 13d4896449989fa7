import { createFrom, type ModelSpec, plainServices } from '@espalier/core';
import { describeLabels, describeModel } from '@espalier/core/testing';
import { openEngine } from '@espalier/engine';
import { expect, test } from 'vitest';
import { myPlugin } from '../src/my-plugin.ts';

// The laws also count what is left on the device: the engine of the model is opened to ask it.
const services = plainServices({ compute: { engine: 'wasm', inference: 'exact', training: 'exact' } });
const engine = await openEngine(services.compute);

const spec: ModelSpec = {
  input: { height: 16, width: 20, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
  classes: ['a', 'b', 'c'],
};

describeModel('my-plugin', {
  create: async () => (await createFrom(myPlugin, { width: 4 }, services)).create(spec, 1),
  live: () => engine.live,
});

// Each option is changed in turn: what changes a result must stand in the label beside it.
describeLabels(myPlugin, { values: { head: ['new'] }, untriable: { weights: 'a file' } });

test('worked by hand: sizes of layers and shapes of kernels', async () => {
  using model = await (await createFrom(myPlugin, { width: 4 }, services)).create(spec, 1);
  const stages = model.layers.filter(({ isStage }) => isStage);
  expect(stages.map(({ name, height, width, features }) => [name, height, width, features])).toEqual([
    ['block1', 8, 10, 4],
    ['block2', 4, 5, 8],
  ]);
  const kernels = model.parameters.filter(({ role }) => role === 'kernel');
  expect(kernels.map(({ name, shape }) => `${name} ${shape}`)).toEqual([
    'block1.conv.weight 4,3,3,3',
    'block2.conv.weight 8,4,3,3',
    'head.weight 3,8',
  ]);
});
