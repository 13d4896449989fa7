import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createFrom, type Model, type NdArray, plainServices, StudyError } from '@espalier/core';
import { openEngine } from '@espalier/engine';
import { readSafetensors } from '@espalier/formats';
import { model } from '@espalier/model-onnx';
import { describe, expect, test } from 'vitest';

// By tools/reference/onnx-networks.py: PyTorch 2.15. Whole networks, by its option --whole, are looked for where ESPALIER_ONNX says.
const fixtures = join(import.meta.dirname, 'fixtures');
const whole = process.env.ESPALIER_ONNX === undefined ? undefined : resolve(process.env.ESPALIER_ONNX);
const hasTensorflow = await openEngine({ engine: 'tensorflow' }).then(
  () => true,
  (error) => StudyError.is(error) && false,
);
const networksIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.onnx'));

describe.each([
  { engine: 'tensorflow', tolerance: 2e-3 },
  { engine: 'wasm', tolerance: 5e-3 },
] as const)('On $engine, as PyTorch computes it', ({ engine, tolerance }) => {
  const isMissing = engine === 'tensorflow' && !hasTensorflow;
  test.skipIf(isMissing).each(networksIn(fixtures))('%s (skipped when there is no native TensorFlow)', async (file) => {
    await expectAsReference(fixtures, file, engine, tolerance);
  });

  const isAbsent = isMissing || whole === undefined || !existsSync(whole);
  test.skipIf(isAbsent).each(whole && existsSync(whole) ? networksIn(whole) : ['whole networks'])(
    '%s (skipped when ESPALIER_ONNX names no folder of whole networks, or there is no native TensorFlow)',
    (file) => expectAsReference(whole!, file, engine, tolerance),
    600_000,
  );
});

async function expectAsReference(
  folder: string,
  file: string,
  engine: 'tensorflow' | 'wasm',
  tolerance: number,
): Promise<void> {
  const { tensors, metadata } = readSafetensors(readFileSync(join(folder, `${file.split('.')[0]}.safetensors`)));
  const size = tensors.get('inputGradient')!.shape as readonly [number, number, number, number];
  const images = imagesOf(folder, size);
  using network = await opened(folder, file, engine, images, tensors.get('logits')!.shape[1]!);
  const close = (what: string, found: NdArray, expected: NdArray) =>
    expect(relativeError(found.data, expected.data), `${file}: ${what}`).toBeLessThan(tolerance);

  close('logits', await network.predict(images), tensors.get('logits')!);
  close('input gradients', await network.inputGradient(images, [0, 0]), tensors.get('inputGradient')!);
  const layer = nameHere(metadata.layer!, network);
  close(`activations of ${layer}`, await network.activations(images, layer), tensors.get('activation')!);
  close(
    `gradients at ${layer}`,
    await network.activationGradient(images, layer, [0, 0]),
    tensors.get('activationGradient')!,
  );
  const gradients = await network.parameterGradient(images, [3, 7]);
  const shared = [...tensors].filter(([key]) => gradients.has(key.replace('parameter/', '')));
  if (file.includes('.recipe.'))
    expect(shared.length, 'parameters under their names').toBe(
      [...tensors.keys()].filter((key) => key.startsWith('parameter/')).length,
    );
  if (!file.includes('.recipe.')) return; // what was folded has other gradients
  for (const [key, expected] of shared)
    close(`gradients of ${key}`, gradients.get(key.replace('parameter/', ''))!, expected);
}

function imagesOf(folder: string, [, height, width]: readonly [number, number, number, number]): NdArray<'n h w c'> {
  const { tensors } = readSafetensors(readFileSync(join(folder, `images-${height}x${width}.safetensors`)));
  const { data, shape } = tensors.get('images')!;
  return { data, shape, axes: 'n h w c' };
}

/** The file, whatever was folded in it. */
async function opened(
  folder: string,
  file: string,
  engine: 'tensorflow' | 'wasm',
  images: NdArray,
  classes: number,
): Promise<Model> {
  const services = plainServices({ folder, compute: { engine, inference: 'exact', training: 'exact' } });
  const [mean, std] = [
    [0.5, 0.45, 0.4],
    [0.25, 0.3, 0.2],
  ];
  const [, height, width] = images.shape as readonly [number, number, number, number];
  const spec = {
    input: { height, width, channels: 3, mean: [0, 0, 0], std: [1, 1, 1] },
    classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
  };
  const folded = !file.includes('.recipe.') && !/^(vit|convnext)/.test(file);
  const factory = await createFrom(model, { file, mean, std, folded }, services);
  return factory.create(spec, 0);
}

/** The legacy exporter names modules as paths. */
function nameHere(layer: string, { layers }: Model): string {
  const found = layers.find(({ name }) => name === layer || (name.startsWith('/') && name.split('/').at(-1) === layer));
  return (
    found?.name ??
    layers.find(({ name }) => name.startsWith('/') && name.replaceAll('/', '.').endsWith(`.${layer}`))?.name ??
    layer
  );
}

function relativeError(found: Float32Array, expected: Float32Array): number {
  expect(found.length).toBe(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0) / largest;
}
