import { readFileSync } from 'node:fs';
import { createFrom, type Explainer, type Model, ndArray, type Plugin, plainServices } from '@espalier/core';
import { gradCam, gradCamPlusPlus, guidedGradCam } from '@espalier/explainer-cam';
import { deconvnet, guidedBackprop } from '@espalier/explainer-guided-backprop';
import { describe, expect, test } from 'vitest';
import { engines, expectClose, modelOf, relevanceFixture } from './relevance-networks.ts';

type Values = readonly number[];

/** Made by tools/reference/class-activation.py in float64 with Captum 0.9.0 and grad-cam 1.5.7. */
const fixture: Readonly<
  Record<
    string,
    {
      readonly guided: Values;
      readonly deconvnet: Values;
      readonly layers: Readonly<
        Record<
          string,
          Readonly<Record<'captum' | 'captum bilinear' | 'grad-cam' | 'plus-plus' | 'plain plus-plus', Values>> & {
            readonly guided: Readonly<Record<'nearest' | 'bilinear', Values>>;
          }
        >
      >;
    }
  >
> = JSON.parse(readFileSync(new URL('fixtures/class-activation.json', import.meta.url), 'utf8'));

const names = ['vgg', 'resnet', 'mobile'] as const;
const layers = names.flatMap((name) => Object.keys(fixture[name]!.layers).map((layer) => [name, layer] as const));

describe.each(engines)('on %s', (engine) => {
  test.each(names)('modified gradients of %s are those of Captum', async (name) => {
    using model = await modelOf(name, engine);
    expectClose(await valuesOf(guidedBackprop, {}, model, name), fixture[name]!.guided);
    expectClose(await valuesOf(deconvnet, {}, model, name), fixture[name]!.deconvnet);
  });

  test.each(layers)('Grad-CAM of %s at %s is that of Captum and of grad-cam', async (name, layer) => {
    using model = await modelOf(name, engine);
    const expected = fixture[name]!.layers[layer]!;
    const found = async (options: object) => mapOf(await valuesOf(gradCam, { layer, ...options }, model, name));
    expectClose(await found({ preset: 'captum' }), expected.captum);
    expectClose(await found({ preset: 'captum', resize: 'bilinear' }), expected['captum bilinear']);
    expectClose(await found({ preset: 'grad-cam-1.5.7' }), expected['grad-cam']);
    const guided = (preset: string) => valuesOf(guidedGradCam, { layer, preset }, model, name);
    expectClose(await guided('captum'), expected.guided.nearest);
    expectClose(await guided('corrected'), expected.guided.bilinear);
  });

  test.each(layers)('Grad-CAM++ of %s at %s is that of grad-cam, and equation 19', async (name, layer) => {
    using model = await modelOf(name, engine);
    const expected = fixture[name]!.layers[layer]!;
    const found = async (preset: string) => mapOf(await valuesOf(gradCamPlusPlus, { layer, preset }, model, name));
    if (model.layers.find((each) => each.name === layer)!.isNonNegative) {
      expectClose(await found('grad-cam-1.5.7'), expected['plus-plus']);
      expectClose(await found('corrected'), expected['plain plus-plus']);
    } else await expect(found('corrected')).rejects.toThrow(`Values of the layer "${layer}" may be negative`);
  });
});

test('the fixture has a layer of every sign, and maps that are not all zeros', () => {
  const maps = layers.map(([name, layer]) => fixture[name]!.layers[layer]!['grad-cam']);
  expect(maps.filter((map) => Math.max(...map) > 0).length).toBeGreaterThan(4);
});

async function valuesOf<Options>(
  plugin: Plugin<'explainer', Options>,
  options: object,
  model: Model,
  name: (typeof names)[number],
): Promise<Float32Array> {
  const { image, target } = relevanceFixture.networks[name]!;
  const explainer: Explainer = await createFrom(plugin, options, plainServices());
  const images = ndArray('n h w c', [1, 8, 8, 3], Float32Array.from(image));
  return (await explainer.explain(model, images, [target])).values.data;
}

/** One value per pixel, of the first channel. */
function mapOf(values: Float32Array): Float32Array {
  expect(values.some((value, i) => i % 3 > 0 && value !== 0)).toBe(false);
  return values.filter((_, i) => i % 3 === 0);
}
