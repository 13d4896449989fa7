import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFrom, type NdArray, plainServices } from '@espalier/core';
import { writeSafetensors } from '@espalier/formats';
import { vit, vitInitial, vitMini8 } from '@espalier/model-vit';
import { parametersOf } from '@espalier/nn';
import { initialWeights } from '@espalier/nn/architectures';
import { afterAll, expect, test } from 'vitest';
import { otherNames } from '../src/other-names.ts';

const folder = mkdtempSync(join(tmpdir(), 'espalier-vit-'));
afterAll(() => rmSync(folder, { recursive: true }));
const named: Readonly<Record<string, readonly string[]>> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/parameters.json'), 'utf8'),
);
const lines: string[] = [];
const compute = { engine: 'wasm', inference: 'exact', training: 'exact' } as const;
const services = plainServices({ folder, compute, log: (line) => lines.push(line) });
const weights = initialWeights(parametersOf(vit('vit-mini-8', { height: 32, width: 32, classes: 3 })), vitInitial, 3);

async function loaded(side: number, names: (name: string) => string, head: 'weights' | 'new' = 'weights') {
  const written = new Map([...weights].map(([name, array]): [string, NdArray] => [names(name), array]));
  writeFileSync(join(folder, 'weights.safetensors'), writeSafetensors(written));
  const factory = await createFrom(vitMini8, { weights: 'weights.safetensors', head }, services);
  const input = { height: side, width: side, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
  using model = await factory.create({ input, classes: ['a', 'b', 'c'] }, 0);
  return model.weights();
}

const [timm, earlier] = otherNames.map(({ nameOf }) => nameOf) as [(name: string) => string, (name: string) => string];

test.each(['vit-b-16', 'vit-s-16'] as const)(
  'every parameter of %s has the name and shape that timm gives it',
  (name) => {
    const parameters = parametersOf(vit(name, { height: 224, width: 224, classes: 1000 }));
    const renamed = parameters.map((parameter) => `${timm(parameter.name)} ${parameter.shape}`);
    expect(renamed.sort()).toEqual([...named[`timm ${name}`]!].sort());
  },
);

test('files of timm are read, and those of torchvision before it renamed its layers', async () => {
  expect(await loaded(32, timm)).toEqual(weights);
  expect(lines.splice(0)).toEqual(["weights.safetensors: the names of timm are read as torchvision's"]);
  expect(earlier('encoder.layers.encoder_layer_0.mlp.3.bias')).toBe('encoder.layers.encoder_layer_0.mlp.linear_2.bias');
  expect(await loaded(32, earlier)).toEqual(weights);
  expect(await loaded(32, (name) => name)).toEqual(weights);
  expect(await loaded(32, (name) => `model.${timm(name)}`)).toEqual(weights);
});

test('weights for images of another size are refused, with a new head, too', async () => {
  for (const head of ['weights', 'new'] as const)
    await expect(loaded(64, timm, head)).rejects.toThrow(
      'They are for images of 32 x 32 pixels, the data has 64 x 64.',
    );
});
