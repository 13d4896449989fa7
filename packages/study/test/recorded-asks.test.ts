import { recordedAsks } from '@espalier/study';
import { expect, test } from 'vitest';

const head = { apiVersion: 'recipe/v1', description: 'a recipe', plugins: { toy: 'toy-plugins' }, outputs: {} };
const inputs = { model: { kind: 'model', description: 'models' } };
const model = { $from: 'in.model' };
const inner = JSON.stringify({
  ...{ ...head, name: 'inner', inputs },
  params: { count: { description: 'how many', default: 3 } },
  nodes: { mass: { use: 'toy/mass', in: { model }, with: { count: { $param: 'count' } } } },
});
const outer = JSON.stringify({
  ...{ ...head, name: 'outer', inputs },
  params: { rounds: { description: 'how often', default: 1 } },
  nodes: { prune: { use: 'toy/first', in: { model }, retry: { max: 3 } } },
  include: {
    maps: { recipe: './inner.json', in: { model: { $from: 'prune.model' } }, with: { count: { $param: 'rounds' } } },
  },
});
const text = JSON.stringify({
  apiVersion: 'study/v1',
  name: 'kept',
  plugins: { toy: 'toy-plugins' },
  seed: 1,
  params: { seeds: [0, 1] },
  profiles: { short: { params: { seeds: [0] } } },
  nodes: {
    network: { use: 'toy/tiny', description: 'words', matrix: { seed: { $param: 'seeds' } }, timeout: '1h' },
  },
  include: { protocol: { recipe: './outer.json', in: { model: { $from: 'network.model' } }, with: { rounds: 2 } } },
});
const recipes = [
  { name: 'protocol', recipe: './outer.json', version: null, text: outer },
  { name: 'protocol/maps', recipe: './inner.json', version: null, text: inner },
];
const params = { seeds: [5], 'protocol.rounds': 4, 'protocol/maps.count': 4 };

test('nodes have their recipes and parameters put in, and nothing that changes no result', async () => {
  const { nodes } = await recordedAsks({ text, profile: 'short', params, recipes }, 'x');
  expect(Object.fromEntries(nodes)).toEqual({
    network: { use: 'toy/tiny', matrix: { seed: [5] } },
    'protocol/prune': { use: 'toy/first', in: { model: { $from: 'network.model' } } },
    'protocol/maps/mass': { use: 'toy/mass', in: { model: { $from: 'protocol/prune.model' } }, with: { count: 4 } },
  });
});

test('a parameter that only hands another on is not told again; one that was given otherwise is', async () => {
  const asks = (changes: object) =>
    recordedAsks({ text, profile: null, params: { ...params, ...changes }, recipes }, 'x');
  expect([...(await asks({})).params.keys()]).toEqual(['seeds', 'protocol.rounds']);
  expect([...(await asks({ 'protocol/maps.count': 9 })).params]).toContainEqual(['protocol/maps.count', 9]);
});

test('a text that is no study is told; a recipe that was not kept leaves its nodes out', async () => {
  await expect(recordedAsks({ text: '{', profile: null, params, recipes }, 'old.json')).rejects.toThrow('old.json:1:2');
  const { nodes } = await recordedAsks({ text, profile: null, params, recipes: [] }, 'x');
  expect([...nodes.keys()]).toEqual(['network']);
});
