import { heldModel, heldPort, ndArray } from '@espalier/core';
import { modelLaws, toyModel } from '@espalier/core/testing';
import { describe, expect, test } from 'vitest';

import { expectRefused, plugin } from './refusals.ts';

// A plugin that breaks one promise is refused where it is used, by its name, and one of the laws refuses it, too.

describe('models', () => {
  const input = { height: 8, width: 8, channels: 3, mean: [0, 0, 0], std: [1, 1, 1] };
  const spec = { input, classes: toyModel().classes };
  const saying = (change: object) => ({ ...toyModel(), ...change });
  const batch = ndArray('n h w c', [2, 8, 8, 3], new Float32Array(384).fill(0.5));
  /** Looks at all that a model has. */
  const look = async (model: unknown) => {
    const factory = { architecture: 'toy', create: async () => model, restore: async () => model };
    const held = await heldPort('model', factory, 'my/plugin', plugin).create(spec, 0);
    await held.weights();
    await held.predict(batch);
    await held.inputGradient(batch, [0, 1]);
    await held.classify(await held.activations(batch, 'features'), 'features');
    held.multiplyAccumulates();
    held.channelGroups();
  };
  const layers = (change: object) => saying({ layers: [{ ...toyModel().layers[0], ...change }] });
  const counting = (change: object) =>
    saying({ multiplyAccumulates: () => ({ ...toyModel().multiplyAccumulates(), ...change }) });
  const coupling = (change: object) => {
    const { groups, kept } = toyModel().channelGroups();
    const part = { ...groups[0]!.channels[0]![0], ...change };
    return saying({ channelGroups: () => ({ groups: [{ name: 'conv.weight', channels: [[part]] }], kept }) });
  };
  const parameters = (change: object) =>
    saying({ parameters: toyModel().parameters.map((parameter) => ({ ...parameter, ...change })) });

  test.each<readonly [title: string, model: unknown, found: string]>([
    ['no function', saying({ predict: undefined }), 'found undefined for "predict"'],
    ['other classes', saying({ classes: ['a', 'b'] }), 'the 3 classes that it was made for; found "a, b"'],
    [
      'another size',
      saying({ input: { ...input, width: 9 } }),
      '"input" of 8 x 8 x 3, which it was made for; found 8 x 9 x 3',
    ],
    [
      'a layer without features',
      layers({ features: 0 }),
      '"layers.features" to be a whole number, at least 1; found 0',
    ],
    [
      'a grid that says not whether it is read',
      layers({ grid: { height: 1, width: 1, leading: 0 } }),
      '"layers.grid.isRead"',
    ],
    [
      'a grid of other tokens',
      layers({ grid: { height: 4, width: 4, leading: 1, isRead: true } }),
      'one row of 17 tokens where "layers.grid" says so; found 4 x 4',
    ],
    ['a layer without a name', layers({ name: '' }), '"layers.name" to be a list of texts; found "" at 0'],
    ['an unknown role', parameters({ role: 'weight' }), '"parameters.role" to be one of "kernel"'],
    ['two parameters of one name', parameters({ name: 'w' }), 'every one of "parameters.name" once; found "w" twice'],
    [
      'masks of another network',
      saying({ masks: new Map([['w', Uint8Array.of(1)]]) }),
      'names of parameters in "masks"; found "w"',
    ],
    [
      'an unknown arithmetic',
      saying({ numerics: { ...toyModel().numerics, inference: 'quick' } }),
      '"fast"; found "quick"',
    ],
    [
      'a history that is no number',
      saying({ history: [{ epoch: 1, loss: 'low', accuracy: 1, learningRate: 1 }] }),
      'found "low"',
    ],
    [
      'logits of too many classes',
      saying({ predict: async () => ndArray('n k', [2, 4]) }),
      '"logits" to have the shape [2, 3]; found [2, 4]',
    ],
    [
      'a gradient per image',
      saying({ inputGradient: async () => ndArray('n', [2]) }),
      '"gradient" to have the axes "n h w c"',
    ],
    [
      'activations of another size',
      saying({ activations: async () => ndArray('n h w d', [2, 1, 1, 5]) }),
      '"activations" to have the shape [2, 4, 4, 5]',
    ],
    [
      'a weight too few',
      saying({ weights: async () => new Map([...(await toyModel().weights())].slice(1)) }),
      'for "conv.weight"; found undefined',
    ],
    [
      'an unknown weight',
      saying({ weights: async () => new Map([...(await toyModel().weights()), ['w', ndArray('o', [1])]]) }),
      'names of its parameters; found "w"',
    ],
    [
      'a weight of another shape',
      saying({ weights: async () => new Map([...(await toyModel().weights()), ['fc.weight', ndArray('o', [1])]]) }),
      'expected [3, 5], as stated, for "fc.weight"; found [1], 1 values',
    ],
    ['no groups of channels', saying({ channelGroups: undefined }), 'found undefined for "channelGroups"'],
    ['groups as a record', saying({ channelGroups: () => ({ groups: {}, kept: [] }) }), '"groups" to be a list'],
    [
      'no reason why channels stay',
      saying({ channelGroups: () => ({ groups: [], kept: [{ kernel: 'fc.weight' }] }) }),
      '"reason" to be a text',
    ],
    ['channels of no parameter', coupling({ parameter: 'w' }), '"parameter" to be one of its parameters; found "w"'],
    ['channels on no axis', coupling({ axis: 4 }), 'an axis of "conv.weight"; found 4'],
    ['a channel too many', coupling({ indices: [5] }), 'indices below 5 of "conv.weight"; found 5'],
    ['channels on no side', coupling({ side: 'both' }), '"side" to be one of "output", "input"; found "both"'],
    ['no count of products', saying({ multiplyAccumulates: undefined }), 'found undefined for "multiplyAccumulates"'],
    ['half a product', counting({ ofValues: 0.5 }), '"ofValues" to be a whole number, at least 0; found 0.5'],
    ['products as a record', counting({ perWeight: { 'fc.weight': 1 } }), '"perWeight" to be a Map of numbers'],
    ['products of nothing', counting({ perWeight: new Map([['w', 1]]) }), 'in "perWeight"; found "w"'],
    ['fewer than no products', counting({ perWeight: new Map([['fc.weight', -1]]) }), 'at least 0; found -1'],
  ])('%s', async (_title, model, found) => {
    await expectRefused(() => look(model), found);
  });

  test.each<readonly [law: string, change: object, found: string]>([
    ['gives one finite logit per image and class', { predict: async () => ndArray('n k', [3, 4]) }, 'found [3, 4]'],
    [
      'has activations of the sizes that its layers name',
      { activations: async () => ndArray('n h w d', [2, 1, 1, 5]) },
      'found [2, 1, 1, 5]',
    ],
    ['lists its weights as its parameters say, as copies', { weights: async () => new Map() }, 'for "conv.weight"'],
  ])('the law "%s" is the same check', async (law, change, found) => {
    await expect(modelLaws[law]!({ create: () => saying(change), live: () => 0 })).rejects.toThrow(found);
  });

  test('what it becomes is held, too', async () => {
    const broken = saying({ predict: async () => ndArray('n k', [2, 4]) });
    const model = heldModel(
      saying({ masked: async () => broken, withWeights: async () => broken, train: async () => broken }),
      'my/plugin',
      spec,
    );
    const weights = await toyModel().weights();
    const become = [
      () => model.masked(new Map()),
      () => model.withWeights(weights),
      () => model.train({} as never, {} as never),
    ]; // nobody looks at them
    for (const next of become) await expectRefused(async () => (await next()).predict(batch), 'found [2, 4]');
    await expectRefused(
      () => heldModel(saying({ withWeights: undefined }), 'my/plugin', spec).withWeights(weights),
      'found undefined for "withWeights"',
    );
  });

  test('masks that it was given are its masks from then on', async () => {
    const masks = new Map([['fc.weight', Uint8Array.from({ length: 15 }, (_, i) => Number(i > 3))]]);
    const forgetful = { masked: async () => toyModel() };
    const regrown = { masked: async () => saying({ masks: new Map([['fc.weight', new Uint8Array(15).fill(1)]]) }) };
    const missing = 'of the mask of "fc.weight" of the model, expected the one that it was given; found none';
    await expectRefused(() => heldModel(saying(forgetful), 'my/plugin', spec).masked(masks), missing);
    await expectRefused(() => heldModel(saying(regrown), 'my/plugin', spec).masked(masks), 'found 1 at index 0');
    const pruned = { ...saying({ masks }), train: async () => toyModel() };
    await expectRefused(() => heldModel(pruned, 'my/plugin', spec).train({} as never, {} as never), missing); // nobody looks at them
    const factory = { architecture: 'toy', create: async () => toyModel(), restore: async () => toyModel() };
    const state = { weights: await toyModel().weights(), masks, history: [] };
    await expectRefused(() => heldPort('model', factory, 'my/plugin', plugin).restore(spec, state), missing);
  });

  test('weights that make no numbers are named for what they are', async () => {
    const predict = async () => ndArray('n k', [2, 3], Float32Array.of(0, 0, 0, 0, Number.NaN, 0));
    await expect(look(saying({ predict }))).rejects.toThrow(
      'A model of my/plugin gives the logit NaN for image 1 of 2. Its weights are not finite or too large',
    );
  });
});
