import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFrom, plainServices, randomStream, type Weights } from '@espalier/core';
import { resnet, resnet18 } from '@espalier/model-resnet';
import { parametersOf } from '@espalier/nn';
import { fileOf, fileParts, soundEntries } from './state-dict.ts';
import { caseOf, mutationsOf, type Reader, type Target } from './target.ts';
import { type WeightsCase, weightsCase } from './weights-variants.ts';

const spec = {
  input: { height: 32, width: 32, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
  classes: ['a', 'b', 'c'],
};

/** Weights files, from which a network is made: to exactly the values that they were written with, or refused. */
export function weightsTarget(folder: string): Target {
  const compute = { engine: 'wasm', inference: 'exact', training: 'exact' } as const;
  const services = plainServices({ folder, cacheFolder: join(folder, 'cache'), compute });
  const reader: Reader = {
    place: /weights\.safetensors/,
    async read(input) {
      writeFileSync(join(folder, 'weights.safetensors'), input);
      const factory = await createFrom(resnet18, { width: 1, weights: 'weights.safetensors' }, services);
      using model = await factory.create(spec, 0);
      return await model.weights();
    },
  };
  const random = randomStream(0, 'a network');
  const sound = soundEntries(parametersOf(resnet('resnet18', 1, { classes: spec.classes.length })), random);
  const seeds = [fileOf(fileParts(sound, random)), fileOf(fileParts(sound, random, { format: 'pt' }))];
  return {
    name: 'weights',
    sound: seeds.map((seed) => caseOf(reader, seed)),
    generators: [
      mutationsOf(reader, seeds),
      { name: 'state dicts', make: (label) => stateDictCase(reader, weightsCase(sound, label)) },
    ],
    leaves: ['weights.safetensors'],
  };
}

function stateDictCase(reader: Reader, { bytes, damage, tensor, weights }: WeightsCase) {
  const made = caseOf(reader, bytes);
  if (damage === undefined) {
    const judge = (found: unknown): string | undefined => differenceOf(found as Weights, weights); // what the reader gives
    return { ...made, expected: { outcome: 'accepted', since: 'nothing is wrong' } as const, judge };
  }
  const since = tensor === undefined ? damage : `${damage}: ${tensor}`;
  // The file and the array, in any order.
  const place =
    tensor === undefined ? reader.place : new RegExp(`(?=.*weights\\.safetensors)(?=.*${nameIn(tensor)})`, 's');
  return { ...made, place, expected: { outcome: 'refused', since } as const };
}

/** The name of an array, or of one that is like it: what is missing is named by what it should be. */
function nameIn(tensor: string): string {
  return tensor.replace(/_(orig|mask)$/, '').replaceAll('.', '\\.');
}

function differenceOf(found: Weights, expected: ReadonlyMap<string, readonly number[]>): string | undefined {
  const names = [...new Set([...found.keys(), ...expected.keys()])];
  const other = names.find((name) => {
    const [a, b] = [found.get(name)?.data, expected.get(name)];
    return !a || !b || a.length !== b.length || b.some((value, i) => a[i] !== value);
  });
  return other === undefined ? undefined : `${other} has other values than the file`;
}
