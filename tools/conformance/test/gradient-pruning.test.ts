import { readFileSync } from 'node:fs';
import { createFrom, type Masks, plainServices } from '@espalier/core';
import { resnet18 } from '@espalier/model-resnet';
import { snip, taylor } from '@espalier/pruner-gradient';
import { expect, test } from 'vitest';
import { madeImages, madeWeights } from './made-values.ts';
import { hasTensorflow, mean, std } from './reference.ts';

/** Made by tools/reference/networks.py in float64: which weights are kept, a bit each, most significant first. */
const fixture: { readonly kernels: readonly string[]; readonly snip: string; readonly taylor: string } = JSON.parse(
  readFileSync(new URL('fixtures/gradient-pruning.json', import.meta.url), 'utf8'),
);

/** Weights near the threshold swap sides by rounding: one in a thousand at most. */
const tolerance = 1e-3;

test.skipIf(!hasTensorflow)('SNIP and Taylor are those of PyTorch on TensorFlow (skipped without it)', () =>
  expectTorch('tensorflow'),
);

test('SNIP and Taylor are those of PyTorch on WebAssembly', () => expectTorch('wasm'));

async function expectTorch(engine: 'tensorflow' | 'wasm'): Promise<void> {
  const compute = { engine, inference: 'exact', training: 'exact' } as const;
  const factory = await createFrom(resnet18, { width: 4 }, plainServices({ compute }));
  const input = { height: 64, width: 64, channels: 3, mean: [...mean], std: [...std] };
  using random = await factory.create({ input, classes: ['a', 'b', 'c', 'd', 'e'] }, 0);
  using model = await random.withWeights(madeWeights(random.parameters));
  const sample = async () => ({ images: madeImages(3000, 6, 64, 64), labels: [0, 1, 2, 3, 4, 0] });
  const ofSnip = await createFrom(snip, { sparsity: 0.5 }, plainServices());
  const ofTaylor = await createFrom(taylor, { sparsity: 0.5, batchSize: 2 }, plainServices());
  const snipped = await ofSnip.mask(model, { sample });
  const tailored = await ofTaylor.mask(model, { sample });
  expect([...snipped.keys()]).toEqual(fixture.kernels);
  expect(unlike(snipped, fixture.snip)).toBeLessThan(tolerance);
  expect(unlike(tailored, fixture.taylor)).toBeLessThan(tolerance);
  expect(unlike(tailored, fixture.snip), 'that the two methods are told apart').toBeGreaterThan(20 * tolerance);
}

/** The fraction of weights on which the masks and the bits disagree. */
function unlike(masks: Masks, bits: string): number {
  const bytes = Buffer.from(bits, 'base64');
  const kept = fixture.kernels.flatMap((name) => [...masks.get(name)!]);
  expect(bytes.length).toBe(Math.ceil(kept.length / 8));
  return kept.filter((keep, i) => keep !== ((bytes[i >> 3]! >> (7 - (i & 7))) & 1)).length / kept.length;
}
