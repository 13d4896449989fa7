import type { Masks, Model, Pruner } from '@espalier/core';
import { type PrunerFor, prunerLaws, toySample } from '@espalier/core/testing';
import { expect, test } from 'vitest';

let calls = 0;

// Each law must catch the mistake it exists for.
const broken: Record<keyof typeof prunerLaws, PrunerFor> = {
  'says the sparsity it was made for': () => pruner(0.5, (values) => smallest(values, 0.5)),
  'removes the asked fraction to within one weight per kernel, ties included, unless it is nominal': (sparsity) =>
    pruner(sparsity, (values) => {
      const sorted = values.map(Math.abs).sort();
      const threshold = sorted[Math.round(sparsity * values.length) - 1] ?? -1;
      return Uint8Array.from(values, (value) => (Math.abs(value) <= threshold ? 0 : 1)); // a threshold takes every tie
    }),
  'masks kernels only': (sparsity) => pruner(sparsity, (values) => smallest(values, sparsity), 'all'),
  'gives every masked parameter one byte per weight, 0 or 1': (sparsity) =>
    pruner(sparsity, (values) => smallest(values, sparsity).map((keep) => 255 * keep)),
  'gives the same masks every time': (sparsity) =>
    pruner(sparsity, (values) => new Uint8Array(values.length).fill(Number(calls++ < 2))),
  'never brings a removed weight back': (sparsity) => pruner(sparsity, (values) => smallest(values, sparsity)),
  'leaves the model as it was': (sparsity) => pruner(sparsity, (values) => smallest(values.fill(0), sparsity)),
};

test.each(Object.entries(broken))('"%s" catches a pruner that breaks it', async (law, prunerFor) => {
  await expect(prunerLaws[law]!(prunerFor)).rejects.toThrow();
});

test('the laws give a pruner the images that it needs, and none where none are asked for', async () => {
  const looking: PrunerFor = (sparsity) => {
    const { mask } = pruner(sparsity, (values) => smallest(values, sparsity));
    return {
      sparsity,
      async mask(model, context) {
        const { images, labels } = await context.sample!();
        await model.parameterGradient(images, labels);
        return mask(model, context);
      },
    };
  };
  const law = prunerLaws['gives the same masks every time']!;
  await law(looking, { sample: toySample });
  await expect(law(looking)).rejects.toThrow(TypeError);
});

test('every law has its broken pruner', () => {
  expect(Object.keys(broken)).toEqual(Object.keys(prunerLaws));
});

/** Prunes every parameter by itself, with no regard to the masks that the model holds. */
function pruner(
  sparsity: number,
  maskOf: (values: Float32Array) => Uint8Array,
  which: 'kernels' | 'all' = 'kernels',
): Pruner {
  return {
    sparsity,
    async mask(model: Model): Promise<Masks> {
      const weights = await model.weights();
      const chosen = model.parameters.filter(({ role }) => which === 'all' || role === 'kernel');
      return new Map(chosen.map(({ name }) => [name, maskOf(weights.get(name)!.data)]));
    },
  };
}

function smallest(values: Float32Array, sparsity: number): Uint8Array {
  const order = [...values.keys()].sort((i, j) => Math.abs(values[i]!) - Math.abs(values[j]!) || i - j);
  const keep = new Uint8Array(values.length).fill(1);
  for (const index of order.slice(0, Math.round(sparsity * values.length))) keep[index] = 0;
  return keep;
}
