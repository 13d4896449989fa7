import { existsSync } from 'node:fs';
import {
  conceptImportance,
  type Matrix,
  relativeError,
  sobolImportance,
  transposed,
} from '@espalier/concept-activations';
import { craft, extremeRows, factorise, nonNegativeCodes } from '@espalier/concepts-craft';
import { createFrom, type NdArray, plainServices, randomStream, rows } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import {
  hasReference,
  hasTensorflow,
  largestDifference,
  photographs,
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
    const features = matrix(tensors.get('layer4_images_nhwc')!);
    const directions = transposed(matrix(tensors.get('W')!));
    const expected = matrix(tensors.get('U_images_nhwk')!);
    const found = nonNegativeCodes(features, directions);
    expect(relativeError(features, found, { directions })).toBeLessThanOrEqual(
      relativeError(features, expected, { directions }),
    );
    // Craft stops its coordinate descent early; codes go up to 1.9.
    expect(largestDifference(found.data, expected.data)).toBeLessThan(0.02);
  });

  test('measures total Sobol indices within 0.02 of a design of 1,024 points', async () => {
    using model = await referenceModel(engine);
    const tensors = readTensors('craft.safetensors');
    const directions = transposed(matrix(tensors.get('W')!));
    const codes = tensors.get('U_images_nhwk')!;
    const { class: classIndex, total_sobol_n1024_first2: expected } = readReference().craft;
    const design = { points: 16, maxPoints: 256, replicates: 4, errorTarget: 0.01, seed: 0 };
    for (const [n, indices] of expected.entries()) {
      const image = { codes: rows(codes, n, n + 1).data };
      const head = { model, layer: 'layer4', classIndex };
      const { importance, error } = await conceptImportance(head, image, directions, design);
      expect(largestDifference(importance, indices)).toBeLessThan(0.02);
      expect(Math.max(...error)).toBeLessThan(0.01);
      // The rest of this network is affine: without masks, and without error.
      const exact = await sobolImportance(design, { seed: 0 })(head, image, directions, 'any');
      expect(largestDifference(exact.importance, indices)).toBeLessThan(0.005);
      expect([...exact.error!]).toEqual(new Array(10).fill(0));
    }
  }, 300_000);

  test.skipIf(!existsSync(pictures) || engine === 'wasm')(
    'finds, from the photographs to the bank, what Craft finds (skipped when: no photographs, or only wasm)',
    async () => {
      using model = await referenceModel(engine);
      const reference = readReference().craft;
      // A few images do; their crops come image by image.
      const ids = reference.files.slice(0, 5);
      const images = await photographs(ids);
      const patch = reference.patch / Math.min(...images.shape.slice(1, 3));
      const extractor = await createFrom(craft, { concepts: reference.concepts, patch }, plainServices());
      const bank = await extractor.extract(model, { ids, images, classIndex: reference.class });
      const tensors = readTensors('craft.safetensors');
      const activations = tensors.get('crop_activations')!;
      expect(bank.crops.length).toBe((ids.length * activations.shape[0]!) / reference.files.length);
      const seen = rows(activations, 0, bank.crops.length);
      const floor = relativeDistance(
        rebuilt(rows(tensors.get('U')!, 0, bank.crops.length), tensors.get('W')!),
        seen.data,
      );
      expect(bank.reconstructionError).toBeLessThanOrEqual(1.02 * floor);
      // Rebuilt from the same crops: the bank's own codes and dictionary against the activations that Craft saw.
      // Crops of another JPEG decoder differ a little, so this error is larger than the bank's own.
      expect(relativeDistance(rebuilt(bank.codes, bank.dictionary), seen.data)).toBeLessThan(1.1 * floor);
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
