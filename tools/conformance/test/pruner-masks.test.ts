import { readFileSync } from 'node:fs';
import { createFrom, type Masks, type Plugin, plainServices } from '@espalier/core';
import { mobilenetV2 } from '@espalier/model-mobilenet';
import { resnet18 } from '@espalier/model-resnet';
import { vitMini8 } from '@espalier/model-vit';
import { synflow } from '@espalier/pruner-gradient';
import { nm } from '@espalier/pruner-nm';
import { wanda, nm as wandaNm } from '@espalier/pruner-wanda';
import { describe, expect, test } from 'vitest';
import { madeImages, madeWeights } from './made-values.ts';
import { hasTensorflow, mean, std } from './reference.ts';

type Bits = Readonly<Record<'wanda', string>> & Partial<Record<'2:4' | 'wanda-2:4' | 'synflow', string>>;

/** Made by tools/reference/pruners.py in float64: which weights are kept, a bit each, most significant first. */
const fixture: Readonly<Record<string, Bits & { readonly kernels: readonly string[] }>> = JSON.parse(
  readFileSync(new URL('fixtures/pruners.json', import.meta.url), 'utf8'),
);

// biome-ignore lint/suspicious/noExplicitAny: each plugin has its own options type; the schema guards it
type AnyPlugin<K extends 'model' | 'pruner'> = Plugin<K, any>;

const copies: readonly { name: string; plugin: AnyPlugin<'model'>; options?: object; side: number }[] = [
  { name: 'resnet18', plugin: resnet18, options: { width: 4 }, side: 32 },
  { name: 'mobilenet-v2', plugin: mobilenetV2, options: { widthMultiplier: 0.25 }, side: 32 },
  { name: 'vit-mini-8', plugin: vitMini8, side: 32 },
];
const methods: readonly { key: keyof Bits; plugin: AnyPlugin<'pruner'>; options: object }[] = [
  { key: 'wanda', plugin: wanda, options: { sparsity: 0.5 } },
  { key: 'wanda-2:4', plugin: wandaNm, options: { kept: 2, group: 4 } },
  { key: '2:4', plugin: nm, options: { kept: 2, group: 4 } },
  { key: 'synflow', plugin: synflow, options: { sparsity: 0.5, iterations: 3 } },
];
/** Weights near a threshold swap sides by rounding: one in a thousand at most. */
const tolerance = 1e-3;

describe.each(['tensorflow', 'wasm'] as const)(
  'on %s, what is kept of narrow networks is what PyTorch keeps:',
  (engine) => {
    const isMissing = engine === 'tensorflow' && !hasTensorflow;

    test.skipIf(isMissing).each(copies)(
      '$name (skipped without native TensorFlow)',
      async ({ name, plugin, options, side }) => {
        const { kernels, ...bits } = fixture[name]!;
        const compute = { engine, inference: 'exact', training: 'exact' } as const;
        const factory = await createFrom(plugin, options ?? {}, plainServices({ compute }));
        const input = { height: side, width: side, channels: 3, mean: [...mean], std: [...std] };
        using random = await factory.create({ input, classes: ['a', 'b', 'c', 'd', 'e'] }, 0);
        using model = await random.withWeights(madeWeights(random.parameters));
        const sample = async () => ({ images: madeImages(3000, 4, side, side), labels: [0, 1, 2, 3] });
        using halved = await model.withWeights(
          new Map(
            [...(await model.weights())].map(([kernel, array]) => [
              kernel,
              kernels.includes(kernel) ? { ...array, data: array.data.map((value) => value / 2) } : array,
            ]),
          ),
        );
        for (const { key, plugin: method, options: asked } of methods) {
          const expected = bits[key];
          if (expected === undefined) continue;
          const masks = await (await createFrom(method, asked, plainServices())).mask(
            key === 'synflow' ? halved : model,
            { sample },
          );
          expect([...masks.keys()]).toEqual(kernels);
          expect(unlike(masks, kernels, expected), key).toBeLessThan(tolerance);
        }
      },
    );
  },
);

/** The fraction of weights on which the masks and the bits disagree. */
function unlike(masks: Masks, kernels: readonly string[], bits: string): number {
  const bytes = Buffer.from(bits, 'base64');
  const kept = kernels.flatMap((name) => [...masks.get(name)!]);
  expect(bytes.length).toBe(Math.ceil(kept.length / 8));
  return kept.filter((keep, i) => keep !== ((bytes[i >> 3]! >> (7 - (i & 7))) & 1)).length / kept.length;
}
