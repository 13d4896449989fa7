import { nodeOf, smallStudy } from './toy-study.ts';

export type Json = Record<string, unknown>;

/** The toy study's pruning, explaining and reporting as a recipe. */
export function toyRecipe(): Json {
  const { nodes } = smallStudy() as { nodes: Json };
  const { data: _, network: __, dense: ___, ...steps } = structuredClone(nodes);
  const from = (node: string): string => JSON.stringify({ $from: node });
  const text = JSON.stringify(steps)
    .replaceAll(from('dense.model'), from('in.model'))
    .replaceAll(from('data.train'), from('in.train'))
    .replaceAll(from('data.eval'), from('in.images'))
    .replaceAll(from('data.val'), from('in.images'));
  const recipe = {
    apiVersion: 'recipe/v1',
    name: 'toy',
    description: 'prunes, explains and reports',
    plugins: { toy: 'toy-plugins' },
    inputs: {
      model: { kind: 'model', description: 'the dense model' },
      train: { kind: 'split', description: 'images to train on' },
      images: { kind: 'split', description: 'images to explain' },
      scores: { kind: 'scores', many: true, optional: true, description: 'more scores to report' },
    },
    params: {
      levels: { description: 'fractions of weights removed, rising', default: [0.25] },
      maps: { description: 'explainers', default: ['toy/flat', { use: 'toy/gradient', with: { steps: 3 } }] },
      epochs: { description: 'passes after each pruning', type: 'integer' },
    },
    nodes: JSON.parse(text) as Json,
    outputs: {
      'list.txt': { $from: 'report.list.txt' },
      maps: { $from: 'attr.attributions' },
      model: { $from: 'prune.model' },
    },
  };
  Object.assign(nodeOf(recipe, 'prune').with as Json, { finetune: { epochs: { $param: 'epochs' }, batchSize: 3 } });
  Object.assign(nodeOf(recipe, 'attr').matrix as Json, { explainer: { $param: 'maps' } });
  (nodeOf(recipe, 'report').in as { scores: unknown[] }).scores.push({ $from: 'in.scores' });
  return recipe;
}

/** The toy study over that recipe. */
export function toyOverRecipe(): Json & {
  include: { protocol: { in: Json; with: Json; recipe: string } };
  nodes: Json;
} {
  const study = smallStudy() as Json & { nodes: Json };
  const { data, network, dense } = study.nodes;
  return Object.assign(study, {
    nodes: { data, network, dense },
    include: {
      protocol: {
        recipe: './toy.json',
        in: {
          model: { $from: 'dense.model' },
          train: { $from: 'data.train' },
          images: { $from: 'data.eval' },
        },
        with: { levels: { $param: 'levels' }, epochs: 1 },
      },
    },
    outputs: { 'list.txt': { $from: 'protocol.list.txt' } },
  });
}
