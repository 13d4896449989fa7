import { readFileSync } from 'node:fs';
import {
  createFrom,
  type Explainer,
  type Model,
  type NdArray,
  ndArray,
  needFindings,
  type Plugin,
  parseOptions,
  plainServices,
  randomStream,
} from '@espalier/core';
import { gradCam, gradCamPlusPlus, guidedGradCam } from '@espalier/explainer-cam';
import { deconvnet, guidedBackprop } from '@espalier/explainer-guided-backprop';
import { mobilenetV2 } from '@espalier/model-mobilenet';
import { resnet18 } from '@espalier/model-resnet';
import { vitMini8 } from '@espalier/model-vit';
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

const all = [gradCam, gradCamPlusPlus, guidedGradCam, guidedBackprop, deconvnet] as const;
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

describe('networks of the packages', () => {
  const compute = { engine: 'wasm', inference: 'exact', training: 'exact' } as const;
  const stream = randomStream(3, 'class activation');
  const images = ndArray(
    'n h w c',
    [2, 32, 32, 3],
    Float32Array.from({ length: 2 * 32 * 32 * 3 }, () => stream.uniform()),
  );
  const [named, input] = [
    ['a', 'b', 'c'],
    { height: 32, width: 32, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
  ];
  // biome-ignore lint/suspicious/noExplicitAny: each network has its own options type
  const tried: readonly (readonly [string, Plugin<'model', any>, object, string, readonly string[]])[] = [
    ['ResNet-18', resnet18, { width: 4 }, 'layer3', []],
    ['MobileNetV2', mobilenetV2, { widthMultiplier: 0.1 }, 'features.13', ['grad-cam-plus-plus']],
    [
      'ViT',
      vitMini8,
      {},
      'encoder.layers.encoder_layer_0',
      ['grad-cam-plus-plus', 'guided-grad-cam', 'guided-backprop', 'deconvnet'],
    ],
  ];

  test.each(tried)(
    '%s: Grad-CAM of its last stage with a map is what plain loops give; what has no rule the plan refuses',
    async (_, network, options, layer, refused) => {
      const outline = network.modelOutline!(
        parseOptions(network, options),
        { ...input, classes: named },
        { folder: '.' },
      );
      const isRefused = (plugin: (typeof all)[number]) =>
        needFindings(plugin.needs!({ layer: null } as never), { model: outline }, plugin.name).length > 0;
      expect(all.filter(isRefused).map(({ name }) => name)).toEqual(refused);
      const factory = await createFrom(network, options, plainServices({ compute }));
      using model = await factory.create({ input, classes: named }, 1);
      const explain = async (plugin: (typeof all)[number], asked: object) =>
        (await createFrom(plugin as typeof gradCam, asked, plainServices())).explain(model, images, [0, 2]);
      const { values } = await explain(gradCam, { preset: 'captum' });
      expectClose(mapOf(values.data), await plainMap(model, images, [0, 2], layer));
      for (const plugin of all.filter((each) => !isRefused(each))) {
        const explained = await explain(plugin, {});
        expect(explained.values.data.every(Number.isFinite)).toBe(true);
      }
      for (const plugin of all.filter(isRefused))
        await expect(explain(plugin, {})).rejects.toThrow(/negative|a rule is missing/);
    },
  );
});

/** Grad-CAM by its definition, signed and in blocks: class tokens are what comes before the last `places` tokens. */
async function plainMap(
  model: Model,
  images: NdArray<'n h w c'>,
  classIndex: readonly number[],
  layer: string,
): Promise<Values> {
  const info = model.layers.find(({ name }) => name === layer)!;
  const side = Math.sqrt(info.grid ? info.width - 1 : info.height * info.width);
  const [a, g] = [await model.activations(images, layer), await model.activationGradient(images, layer, classIndex)];
  const at = ({ data }: NdArray, n: number, place: number, d: number) =>
    data[(n * info.height * info.width + (info.grid ? 1 : 0) + place) * info.features + d]!;
  const places = Array.from({ length: side ** 2 }, (_, i) => i);
  const features = Array.from({ length: info.features }, (_, d) => d);
  const sum = (values: Values) => values.reduce((total, value) => total + value, 0);
  return classIndex.flatMap((_, n) => {
    const weights = features.map((d) => sum(places.map((place) => at(g, n, place, d))) / side ** 2);
    return Array.from({ length: 32 * 32 }, (_, pixel) => {
      const [y, x] = [Math.floor((Math.floor(pixel / 32) * side) / 32), Math.floor(((pixel % 32) * side) / 32)];
      return sum(features.map((d) => weights[d]! * at(a, n, y * side + x, d)));
    });
  });
}
