import { readdirSync, readFileSync } from 'node:fs';
import { recipeEditorSchema } from '@espalier/study';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';

const refuse = (text: unknown): never => {
  throw new Error(String(text));
};
const validate = new Ajv2020({ strict: true, logger: { log: refuse, warn: refuse, error: refuse } }).compile(
  recipeEditorSchema(),
);

const folders = [
  new URL('../../recipes/recipes/', import.meta.url),
  new URL('../../../studies/recipes/', import.meta.url),
];
const shipped = folders.flatMap((folder) =>
  readdirSync(folder).map((name): [string, unknown] => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8'))]),
);

test.each(shipped)('a strict validator takes the recipe %s', (_, recipe) => {
  expect([validate(recipe), validate.errors]).toEqual([true, null]);
});

const recipe = {
  apiVersion: 'recipe/v1',
  name: 'small',
  description: 'a step',
  inputs: { data: { kind: 'outputs', description: 'a data set' } },
  params: { levels: { description: 'fractions', default: [0.5] } },
  nodes: { step: { use: 'core/train', in: { data: { $from: 'in.data.train' } } } },
  outputs: { model: { $from: 'step.model' } },
};

test.each<[string, object, string]>([
  ['another version', { apiVersion: 'study/v1' }, '/apiVersion'],
  ['an unknown member', { node: {} }, ''],
  ['a kind that is none', { inputs: { data: { kind: 'data', description: 'images' } } }, '/inputs/data/kind'],
  ['an input without words', { inputs: { data: { kind: 'model' } } }, '/inputs/data'],
  ['a type that JSON has not', { params: { levels: { description: 'x', type: 'float' } } }, '/params/levels/type'],
  ['an edge without a port', { outputs: { model: { from: 'step.model' } } }, '/outputs/model'],
])('of a recipe with %s it says where', (_, change, place) => {
  expect(validate(recipe)).toBe(true);
  expect(validate({ ...recipe, ...change })).toBe(false);
  expect(validate.errors!.map(({ instancePath }) => instancePath)).toContain(place);
});
