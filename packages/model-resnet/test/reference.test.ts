import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createFrom, type Masks, type Model, ndArray, plainServices, rows, StudyError } from '@espalier/core';
import { openEngine } from '@espalier/engine';
import { readSafetensors } from '@espalier/formats';
import { resnet18 } from '@espalier/model-resnet';
import { describe, expect, test } from 'vitest';

// Values from PyTorch 2.13 on real ImageNette images; see the README beside them.
const folder = process.env.ESPALIER_REFERENCE ?? resolve(import.meta.dirname, '../../../../shared/reference');
const weightsFile = 'resnet18-imagenette.safetensors';
const hasReference = existsSync(join(folder, 'gradients.safetensors'));
const hasTensorflow = await openEngine({ engine: 'tensorflow' }).then(
  () => true,
  (error) => StudyError.is(error) && false,
);

const [mean, std] = [
  [0.485, 0.456, 0.406],
  [0.229, 0.224, 0.225],
];

// By tools/reference/pruned-logits.py.
const fixture = readFileSync(join(import.meta.dirname, 'fixtures/pruned-logits.json'), 'utf8');
const prunedReference: {
  readonly sha256: { readonly weights: string; readonly image: string };
  readonly logits: Readonly<Record<string, readonly number[]>>;
} = JSON.parse(fixture);

// Each image is compared by itself, so few do: all where they are asked for, which takes longer.
const isWhole = process.env.ESPALIER_CONFORMANCE === 'whole';

describe.each([
  { engine: 'tensorflow', tolerance: 2e-3, few: 4 },
  { engine: 'wasm', tolerance: 5e-3, few: 2 },
] as const)('ResNet-18 on $engine against PyTorch', ({ engine, tolerance, few }) => {
  const skipped = !hasReference || (engine === 'tensorflow' && !hasTensorflow);
  const reason = hasReference ? 'no native TensorFlow' : 'no reference values';

  test.skipIf(skipped)(
    `logits, activations and input gradients (skipped when: ${reason})`,
    async () => {
      using model = await reference(engine);
      const { images, labels, tensors } = gradients(isWhole ? undefined : few);
      const logits = await model.predict(images);
      expect(largestDifference(logits.data, tensors.get('logits')!.data)).toBeLessThan(tolerance);

      const layer4 = await model.activations(images, 'layer4');
      expect(relativeError(layer4.data, tensors.get('layer4_nhwc')!.data)).toBeLessThan(tolerance);
      const again = await model.classify(layer4, 'layer4');
      expect(largestDifference(again.data, logits.data)).toBeLessThan(1e-4); // the same head, another batch at most

      const gradient = await model.inputGradient(images, labels);
      const normalisedSpace = gradient.data.map((value, i) => value * std[i % 3]!);
      const expected = tensors.get('gradient_nhwc')!.data;
      const size = images.data.length / labels.length;
      const errors = labels.map((_, n) => {
        return relativeError(normalisedSpace.subarray(n * size, (n + 1) * size), expected.subarray(n * size));
      });
      expect(Math.max(...errors), 'relative L2 error of the worst image').toBeLessThan(tolerance);
    },
    120_000,
  );

  test.skipIf(skipped)(
    `logits of pruned models (skipped when: ${reason}, or other weights or images than those of the fixture)`,
    async ({ skip }) => {
      skip(!isOfFixture(), 'the fixture is of other weights or another image: run tools/reference/pruned-logits.py');
      using dense = await reference(engine);
      const { prune } = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as PruneReferences;
      const { images } = gradients(1);
      for (const [percent, { kept_per_kernel }] of Object.entries(prune)) {
        if (!(percent in prunedReference.logits)) continue;
        using pruned = await dense.masked(await masksAt(percent, dense, kept_per_kernel));
        const logits = await pruned.predict(images);
        const expected = Float32Array.from(prunedReference.logits[percent]!);
        expect(largestDifference(logits.data, expected), `${percent} %`).toBeLessThan(tolerance);
      }
    },
    120_000,
  );
});

/** Weights that torch.nn.utils.prune.global_unstructured kept by L1, per kernel and percentage removed. */
interface PruneReferences {
  readonly prune: Readonly<Record<string, { readonly kept_per_kernel: Readonly<Record<string, number>> }>>;
}

const made = new Map<string, Promise<Masks>>();

/** {@link largestKept}, once for both engines: it sorts all weights. */
function masksAt(percent: string, model: Model, kept: Readonly<Record<string, number>>): Promise<Masks> {
  const masks = made.get(percent) ?? largestKept(model, kept);
  made.set(percent, masks);
  return masks;
}

/** Masks that keep the largest weights of each kernel, as many as torch kept; ties go to the lower index. */
async function largestKept(model: Model, kept: Readonly<Record<string, number>>): Promise<Masks> {
  const weights = await model.weights();
  return new Map(
    Object.entries(kept).map(([name, count]) => {
      const magnitudes = weights.get(name)!.data.map(Math.abs);
      const threshold = magnitudes.toSorted()[magnitudes.length - count]!;
      let ties = count - magnitudes.reduce((larger, value) => larger + Number(value > threshold), 0);
      const mask = new Uint8Array(magnitudes.length);
      magnitudes.forEach((value, i) => {
        mask[i] = Number(value > threshold || (value === threshold && ties-- > 0));
      });
      return [name, mask];
    }),
  );
}

/** Whether the pruned logits of the fixture are of the reference's weights and of its first image. */
function isOfFixture(): boolean {
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const { images } = gradients(1);
  const pixels = Uint8Array.from(images.data, (value) => Math.round(255 * value));
  const { weights, image } = prunedReference.sha256;
  return sha256(pixels) === image && sha256(readFileSync(join(folder, weightsFile))) === weights;
}

async function reference(engine: 'tensorflow' | 'wasm'): Promise<Model> {
  const compute = { engine, inference: 'exact', training: 'exact' } as const;
  const options = { weights: join(folder, weightsFile) };
  const factory = await createFrom(resnet18, options, plainServices({ compute }));
  const { images, tensors } = gradients(1);
  const [, height, width, channels] = images.shape as [number, number, number, number]; // 'n h w c'
  const classes = Array.from({ length: tensors.get('logits')!.shape[1]! }, (_, k) => `class ${k}`);
  return factory.create({ input: { height, width, channels, mean: mean!, std: std! }, classes }, 0);
}

/** The first `most` images, or all. */
function gradients(most = Number.POSITIVE_INFINITY) {
  const { tensors } = readSafetensors(readFileSync(join(folder, 'gradients.safetensors')));
  const bytes = tensors.get('images_u8')!;
  const [all, ...size] = bytes.shape as [number, number, number, number]; // 'n h w c'
  const count = Math.min(all, most);
  const images = ndArray(
    'n h w c',
    [count, ...size],
    rows(bytes, 0, count).data.map((value) => value / 255),
  );
  return { tensors, images, labels: [...tensors.get('labels')!.data.subarray(0, count)] };
}

/** Compares the values there are with the first of the expected ones. */
function largestDifference(found: Float32Array, expected: Float32Array): number {
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
}

function relativeError(found: Float32Array, expected: Float32Array): number {
  let [difference, norm] = [0, 0];
  found.forEach((value, i) => {
    difference += (value - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  });
  return Math.sqrt(difference / norm);
}
