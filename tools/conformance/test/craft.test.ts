import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  conceptImportance,
  craft,
  extremeRows,
  factorise,
  type Matrix,
  nonNegativeCodes,
  relativeError,
  transposed,
} from '@espalier/concepts-craft';
import { createFrom, type NdArray, ndArray, plainServices, randomStream } from '@espalier/core';
import { decodeImage } from '@espalier/data-imagenette';
import { describe, expect, test } from 'vitest';
import {
  hasReference,
  hasTensorflow,
  largestDifference,
  pictures,
  readReference,
  readTensors,
  referenceModel,
  relativeDistance,
} from './reference.ts';

const engine = hasTensorflow ? 'tensorflow' : 'wasm';

describe.skipIf(!hasReference)('CRAFT against Craft and scikit-learn (skipped when: no reference values)', () => {
  test('factorises within 2 % of the best error of scikit-learn', () => {
    const A = matrix(readTensors('craft.safetensors').get('crop_activations')!);
    const { concepts, 'best_sklearn_relative_error_tol1e-6': best } = readReference().craft;
    const found = factorise(A, extremeRows(A, concepts, randomStream(0)), { tolerance: 1e-3, maxIterations: 500 });
    expect(found.stop).toBe('converged');
    expect(found.relativeError).toBeLessThanOrEqual(1.02 * best);
  });

  test('finds codes for images that rebuild them at least as well as those of Craft, and nearly the same', () => {
    const tensors = readTensors('craft.safetensors');
    const rows = matrix(tensors.get('layer4_images_nhwc')!);
    const directions = transposed(matrix(tensors.get('W')!));
    const expected = matrix(tensors.get('U_images_nhwk')!);
    const found = nonNegativeCodes(rows, directions);
    expect(relativeError(rows, found, directions)).toBeLessThanOrEqual(relativeError(rows, expected, directions));
    // Craft stops its coordinate descent early; codes go up to 1.9.
    expect(largestDifference(found.data, expected.data)).toBeLessThan(0.02);
  });

  test('measures total Sobol indices within 0.02 of a design of 1,024 points', async () => {
    using model = await referenceModel(engine);
    const tensors = readTensors('craft.safetensors');
    const directions = transposed(matrix(tensors.get('W')!));
    const codes = tensors.get('U_images_nhwk')!.data;
    const { class: classIndex, concepts, total_sobol_n1024_first2: expected } = readReference().craft;
    const design = { points: 16, maxPoints: 256, replicates: 4, errorTarget: 0.01, seed: 0 };
    for (const [n, indices] of expected.entries()) {
      const image = { codes: codes.subarray(n * 49 * concepts, (n + 1) * 49 * concepts) };
      const head = { model, layer: 'layer4', classIndex };
      const { importance, error } = await conceptImportance(head, image, directions, design);
      expect(largestDifference(importance, indices)).toBeLessThan(0.02);
      expect(Math.max(...error)).toBeLessThan(0.01);
    }
  }, 300_000);

  test.skipIf(!existsSync(pictures) || engine === 'wasm')(
    'finds, from the photographs to the bank, what Craft finds (skipped when: no photographs, or only wasm)',
    async () => {
      using model = await referenceModel(engine);
      const reference = readReference().craft;
      // Eight of the forty images: 128 of the 640 crops, which come image by image.
      const ids = reference.files.slice(0, 8);
      const images = ndArray('n h w c', [ids.length, 224, 224, 3]);
      for (const [n, id] of ids.entries()) {
        const { data } = await decodeImage(resolve(pictures, id));
        images.data.set(
          Float32Array.from(data, (byte) => byte / 255),
          n * data.length,
        );
      }
      const extractor = await createFrom(craft, { concepts: reference.concepts }, plainServices());
      const bank = await extractor.extract(model, { ids, images, classIndex: reference.class });
      expect(bank.crops.length).toBe(128);
      expect(bank.reconstructionError).toBeLessThanOrEqual(1.02 * reference['best_sklearn_relative_error_tol1e-6']);
      // Rebuilt from the same crops: the bank's own codes and dictionary against the activations that Craft saw.
      const activations = readTensors('craft.safetensors').get('crop_activations')!;
      expect(relativeDistance(rebuilt(bank.codes, bank.dictionary), activations.data)).toBeLessThan(0.18);
      expect(Math.max(...bank.importanceError.data)).toBeLessThan(0.01);
    },
    600_000,
  );
});

function matrix({ data, shape }: NdArray): Matrix {
  const columns = shape.at(-1)!;
  return { rows: data.length / columns, columns, data: Float64Array.from(data) };
}

function rebuilt({ data: codes, shape }: NdArray, dictionary: NdArray): Float32Array {
  const [p, r] = shape as [number, number]; // 'p r' has two sizes
  const d = dictionary.shape[1]!;
  return Float32Array.from({ length: p * d }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < r; k++) sum += codes[Math.floor(i / d) * r + k]! * dictionary.data[k * d + (i % d)]!;
    return sum;
  });
}
