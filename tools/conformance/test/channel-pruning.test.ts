import { readFileSync } from 'node:fs';
import { createFrom, type Masks, type Model, masksWithout, type Plugin, plainServices } from '@espalier/core';
import { mobilenetV2 } from '@espalier/model-mobilenet';
import { resnet18, resnet50 } from '@espalier/model-resnet';
import { vitMini8 } from '@espalier/model-vit';
import { batchNorm, l1, taylor } from '@espalier/pruner-structured';
import { expect, test } from 'vitest';
import { madeImages, madeWeights } from './made-values.ts';
import { mean, std } from './reference.ts';

/** Made by tools/reference/torch-pruning.py: of every kernel, the outputs and inputs that go. */
const fixture: {
  readonly ratio: number;
  readonly networks: Readonly<Record<string, Readonly<Record<string, { outputs: number[]; inputs: number[] }>>>>;
} = JSON.parse(readFileSync(new URL('fixtures/channel-pruning.json', import.meta.url), 'utf8'));

async function made<Options>(plugin: Plugin<'model', Options>, options: object, side = 32): Promise<Model> {
  const compute = { engine: 'wasm', inference: 'exact', training: 'exact' } as const;
  const factory = await createFrom(plugin, options, plainServices({ compute }));
  const input = { height: side, width: side, channels: 3, mean: [...mean], std: [...std] };
  const random = await factory.create({ input, classes: ['a', 'b', 'c', 'd', 'e'] }, 0);
  return random.withWeights(madeWeights(random.parameters));
}

/** Rows and columns of a kernel that are removed whole. */
function removedOf(mask: Uint8Array, [outputs, inputs]: readonly number[]) {
  const inner = mask.length / (outputs! * inputs!);
  const isGone = (o: number, i: number) =>
    !mask.subarray((o * inputs! + i) * inner, (o * inputs! + i + 1) * inner).includes(1);
  const [rows, columns] = [[...Array(outputs).keys()], [...Array(inputs).keys()]];
  return {
    outputs: rows.filter((o) => columns.every((i) => isGone(o, i))),
    inputs: columns.filter((i) => rows.every((o) => isGone(o, i))),
  };
}

function removedBy(model: Model, masks: Masks) {
  const found = model.parameters.flatMap(({ name, shape }) => {
    const mask = masks.get(name);
    return mask?.includes(0) ? [[name, removedOf(mask, shape)] as const] : [];
  });
  return Object.fromEntries(found);
}

const networks = [
  ['resnet18', () => made(resnet18, { width: 4 })],
  ['resnet50', () => made(resnet50, { width: 4 })],
  ['mobilenet-v2', () => made(mobilenetV2, { widthMultiplier: 0.25 })],
] as const;

/** What torch-pruning removes; it says inputs of depthwise kernels, too, which have one for each output. */
function expectedOf(model: Model, name: string) {
  const all = Object.entries(fixture.networks[name]!).filter(
    ([, { outputs, inputs }]) => outputs.length + inputs.length > 0,
  );
  const listed = all.map(([kernel, each]) => {
    const isDepthwise = model.parameters.find((known) => known.name === kernel)!.shape[1] === 1;
    return [kernel, isDepthwise ? { ...each, inputs: [] } : each] as const;
  });
  return Object.fromEntries(listed);
}

test.each(networks)('torch-pruning couples the same channels of a narrow %s, on both sides', async (name, create) => {
  using model = await create();
  const expected = expectedOf(model, name);
  const channels = model
    .channelGroups()
    .groups.flatMap((group) => group.channels)
    .filter((parts) => {
      const [first] = parts.filter(({ parameter, side }) => side === 'output' && parameter in expected);
      return first && expected[first.parameter]!.outputs.includes(first.indices[0]!);
    });
  expect(channels.length).toBeGreaterThan(20);
  expect(removedBy(model, masksWithout(model, channels))).toEqual(expected);
});

// torch-pruning leaves depthwise kernels out of its sums, so its ranking of a MobileNet is another one.
test.each(networks.slice(0, 2))('torch-pruning ranks the channels of a narrow %s alike', async (name, create) => {
  using model = await create();
  const channels = model.channelGroups().groups.reduce((sum, group) => sum + group.channels.length, 0);
  const sparsity = Math.ceil(fixture.ratio * channels) / channels; // it rounds up
  const options = { sparsity, counts: 'channels', parts: 'all' };
  const masks = await (await createFrom(l1, options, plainServices())).mask(model, {});
  expect(removedBy(model, masks)).toEqual(expectedOf(model, name));
});

test.each([
  ['ResNet-18', () => made(resnet18, { width: 4 }), [l1, taylor, batchNorm]],
  ['MobileNetV2', () => made(mobilenetV2, { widthMultiplier: 0.25 }), [taylor, batchNorm]],
  ['vision transformer, heads and units', () => made(vitMini8, {}), [l1, taylor]],
] as const)(
  'a quarter of the weights of a %s: compacted, it is as small and gives the same logits',
  async (_, create, plugins) => {
    using model = await create();
    const images = madeImages(3000, 4, 32, 32);
    for (const plugin of plugins) {
      const pruner = await createFrom(plugin as typeof l1, { sparsity: 0.25 }, plainServices());
      const masks = await pruner.mask(model, { sample: async () => ({ images, labels: [0, 1, 2, 3] }) });
      using masked = await model.masked(masks);
      using compacted = await masked.compacted();
      const [found, expected] = [(await compacted.predict(images)).data, (await masked.predict(images)).data];
      const scale = Math.max(...expected.map(Math.abs));
      expect(found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0)).toBeLessThan(
        1e-4 * scale,
      );
      const count = ({ parameters }: Model) =>
        parameters
          .filter(({ role }) => role === 'kernel')
          .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
      const removed = [...masks.values()].reduce((sum, mask) => sum + mask.filter((keep) => keep === 0).length, 0);
      expect(count(compacted)).toBe(count(model) - removed);
      expect(removed / count(model)).toBeCloseTo(0.25, 1);
    }
  },
);
