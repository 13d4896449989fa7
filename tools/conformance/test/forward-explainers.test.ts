import { createFrom, type Explanation, type Model, ndArray, plainServices, randomStream, rows } from '@espalier/core';
import { occlusion } from '@espalier/explainer-occlusion';
import { rise } from '@espalier/explainer-rise';
import { mobilenetV2 } from '@espalier/model-mobilenet';
import { resnet18 } from '@espalier/model-resnet';
import { vitMini8 } from '@espalier/model-vit';
import { describe, expect, test } from 'vitest';
import { hasTensorflow } from './reference.ts';

const servicesOn = (engine: 'tensorflow' | 'wasm') =>
  plainServices({ compute: { engine, inference: 'exact', training: 'exact' } });
const stream = randomStream(4, 'forward-explainers');
const images = ndArray(
  'n h w c',
  [2, 32, 32, 3],
  Float32Array.from({ length: 2 * 32 * 32 * 3 }, () => stream.uniform()),
);
const [ids, classIndex] = [
  ['a', 'b'],
  [2, 0],
];
const spec = {
  input: { height: 32, width: 32, channels: 3, mean: [0.4, 0.5, 0.6], std: [0.5, 0.5, 0.5] },
  classes: ['a', 'b', 'c'],
};

// What all of them are asked for is a forward pass.
const networks = [
  {
    name: 'ResNet-18',
    make: (engine: 'tensorflow' | 'wasm') => createFrom(resnet18, { width: 8 }, servicesOn(engine)),
  },
  {
    name: 'MobileNetV2',
    make: (engine: 'tensorflow' | 'wasm') => createFrom(mobilenetV2, { widthMultiplier: 0.25 }, servicesOn(engine)),
  },
  { name: 'ViT', make: (engine: 'tensorflow' | 'wasm') => createFrom(vitMini8, {}, servicesOn(engine)) },
];

describe.each(networks)('$name', ({ make }) => {
  const explain = async (engine: 'tensorflow' | 'wasm'): Promise<readonly Explanation[]> => {
    using made = await (await make(engine)).create(spec, 1);
    using model = await seeing(made);
    const explainers = [
      await createFrom(occlusion, { window: 1, answer: 'logit' }, servicesOn(engine)),
      await createFrom(rise, { masks: 12, grid: 3 }, servicesOn(engine)),
    ];
    const grey = ndArray('n h w c', [1, 32, 32, 3], images.data.slice(0, 3072));
    grey.data.forEach((_, i) => {
      grey.data[i] = spec.input.mean[i % 3]!;
    });
    const [before, after] = [await model.predict(images), await model.predict(grey)];
    const found = await Promise.all(explainers.map((each) => each.explain(model, images, classIndex, undefined, ids)));
    for (const [n, k] of classIndex.entries()) {
      const own = rows(found[0]!.values, n, n + 1).data;
      const lost = before.data[3 * n + k]! - after.data[k]!;
      expect(Math.abs(lost)).toBeGreaterThan(1e-4);
      const rounding = 1e-5 * Math.abs(before.data[3 * n + k]!); // logits are float32
      for (const pixel of [0, 500, 1023]) expect(Math.abs(own[3 * pixel]! - lost)).toBeLessThan(rounding);
    }
    return found;
  };

  test('a square as large as the image takes all of its logit, and RISE tells its error', async () => {
    const [, found] = await explain('wasm');
    for (const error of found!.diagnostics.error!) expect(error).toBeGreaterThan(0);
  });

  test.skipIf(!hasTensorflow)('both engines (skipped when: no native TensorFlow)', async () => {
    const [wasm, native] = [await explain('wasm'), await explain('tensorflow')];
    for (const [i, { values }] of wasm.entries()) {
      const scale = Math.max(...values.data.map(Math.abs));
      values.data.forEach((value, at) => {
        expect(Math.abs(native[i]!.values.data[at]! - value)).toBeLessThan(2e-3 * scale);
      });
    }
  });
});

/** The head of a ViT begins with zeros, and the signal of a MobileNet dies away, before anything is learned: neither would see an image. */
async function seeing(model: Model): Promise<Model> {
  const drawn = randomStream(5, 'head'); // the same on every engine
  const weights = new Map(await model.weights());
  for (const [name, array] of weights)
    if (name.endsWith('.weight') && array.data.every((value) => value === 0))
      weights.set(name, { ...array, data: array.data.map(() => drawn.normal() / 10) });
  const isMobileNet = model.layers.some(({ name }) => name.startsWith('features.'));
  for (const [name, array] of weights)
    if (isMobileNet && name.endsWith('.running_var')) weights.set(name, { ...array, data: array.data.map(() => 0.1) });
  return model.withWeights(weights);
}
