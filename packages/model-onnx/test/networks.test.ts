import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createFrom, type Model, type NdArray, plainServices, StudyError } from '@espalier/core';
import { openEngine } from '@espalier/engine';
import { readSafetensors } from '@espalier/formats';
import { model } from '@espalier/model-onnx';
import { describe, expect, test } from 'vitest';

// By tools/reference/onnx-networks.py: PyTorch 2.15. Whole networks, by its option --whole, are looked for where ESPALIER_ONNX says; what they differ
// by is added to errors.txt there.
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
  const layer = nameHere(metadata.layer!, network);
  const found = await computed(network, images, layer, size[0]);
  // What was folded has other parameters, and those that are left other gradients.
  const compared = [...tensors.keys()].filter((key) => !key.startsWith('parameter/') || file.includes('.recipe.'));
  expect([...found.keys()], `parameters of ${file} under their names`).toEqual(expect.arrayContaining(compared));
  const errors = compared.map((key) => relativeError(found.get(key)!.data, tensors.get(key)!.data));
  // How far PyTorch's own float32 is from the float64 that whole networks are compared with.
  const movement: Readonly<Record<string, number>> = JSON.parse(metadata.movement ?? '{}');
  if (metadata.movement) note(folder, `${file}, ${engine}`, compared, errors, movement);
  for (const [i, key] of compared.entries())
    expect(errors[i], `${file}: ${key} (layer ${layer})`).toBeLessThan(Math.max(tolerance, movement[key] ?? 0));
}

async function computed(
  network: Model,
  images: NdArray<'n h w c'>,
  layer: string,
  count: number,
): Promise<ReadonlyMap<string, NdArray>> {
  const first = Array<number>(count).fill(0);
  const gradients = await network.parameterGradient(images, [3, 7].slice(0, count));
  return new Map<string, NdArray>([
    ['logits', await network.predict(images)],
    ['inputGradient', await network.inputGradient(images, first)],
    ['activation', await network.activations(images, layer)],
    ['activationGradient', await network.activationGradient(images, layer, first)],
    ...[...gradients].map(([name, gradient]) => [`parameter/${name}`, gradient] as const),
  ]);
}

/** A line of the table of whole networks: the largest error of each part, and in brackets that of PyTorch's float32. */
function note(
  folder: string,
  title: string,
  keys: readonly string[],
  errors: readonly number[],
  movement: Readonly<Record<string, number>>,
): void {
  const largest = (part: string) => {
    const at = [...keys.keys()].filter((i) => keys[i]!.split('/')[0] === part);
    const most = (values: readonly number[]) => Math.max(...values).toExponential(1);
    return `${most(at.map((i) => errors[i]!))} (${most(at.map((i) => movement[keys[i]!] ?? 0))})`;
  };
  const parts = ['logits', 'inputGradient', 'activation', 'activationGradient', 'parameter'];
  appendFileSync(
    join(folder, 'errors.txt'),
    `${[title, ...parts.map((part) => `${part} ${largest(part)}`)].join('  ')}\n`,
  );
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
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0) / largest;
}
