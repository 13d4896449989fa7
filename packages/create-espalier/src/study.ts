import type { PackageKind } from './kinds.ts';

type Nodes = Readonly<Record<string, object>>;

const images = { $from: 'data.eval' };
const scoresOf = (...nodes: readonly string[]) => nodes.map((node) => ({ $from: `${node}.scores` }));

/**
 * A study of a minute or less that uses a method: generated images, a small network, pruned once, explained, measured, reported.
 *
 * @param packageName of the package that the method is in
 * @param name of the method
 */
export function studyOf(kind: PackageKind, packageName: string, name: string): object {
  const isPlugin = kind !== 'executor' && kind !== 'store';
  const mine = `mine/${name}`;
  const use = (of: PackageKind, other: string) => (of === kind ? mine : other);
  const nodes: Nodes = {
    data: {
      use: use('dataset', 'data/planted'),
      with: { ...(kind !== 'dataset' && { trainPerClass: 20, valPerClass: 6 }), evalPerClass: 2 },
    },
    network: { use: use('model', 'resnet/resnet18'), in: { data: { $from: 'data.train' } }, with: { width: 8 } },
    dense: {
      use: 'core/train',
      in: { model: { $from: 'network.model' }, data: { $from: 'data.train' } },
      with: { epochs: 2, learningRate: 0.05, crop: null },
    },
    prune: {
      use: use('pruner', 'magnitude/prune'),
      in: { model: { $from: 'dense.model' } },
      scan: { axis: 'sparsity', over: [0.5], carry: { model: 'model' }, zero: 0 },
      with: { sparsity: { $axis: 'sparsity' } },
    },
    predictions: { use: 'metrics/predictions', in: { model: { $from: 'prune.model' }, images: { $from: 'data.val' } } },
    attributions: { use: use('explainer', 'vg/saliency'), in: { model: { $from: 'prune.model' }, images } },
    gini: { use: 'metrics/sparseness', in: { attributions: { $from: 'attributions.attributions' } } },
    ...added(kind, mine),
  };
  const scores = scoresOf('predictions', 'gini', ...(kind === 'metric' || kind === 'concepts' ? ['mine'] : []));
  const handed = {
    models: [{ $from: 'prune.model' }],
    scores,
    attributions: [{ $from: 'attributions.attributions' }],
    ...(kind === 'concepts' && { concepts: [{ $from: 'concepts.concepts' }] }),
    images,
  };
  const table = { table: { use: mine, in: handed } };
  return {
    $schema: './.espalier/study.schema.json',
    apiVersion: 'study/v1',
    name,
    plugins: { ...pluginsOf(kind), ...(isPlugin && { mine: packageName }) },
    seed: 1,
    nodes: { ...nodes, report: { use: 'report/report', in: handed }, ...(kind === 'reporter' && table) },
    outputs: {
      'report.html': { $from: 'report.report.html' },
      'results.json': { $from: 'report.results.json' },
      ...(kind === 'reporter' && { [`${name}.md`]: { $from: `table.${name}.md` } }),
    },
  };
}

/** Nodes of kinds that stand beside the others. */
function added(kind: PackageKind, mine: string): Nodes {
  if (kind === 'metric') return { mine: { use: mine, in: { attributions: { $from: 'attributions.attributions' } } } };
  if (kind !== 'concepts') return {};
  const model = { $from: 'prune.model' };
  const val = { $from: 'data.val' };
  return {
    concepts: { use: mine, in: { model, images: val } },
    mine: { use: 'quality/reconstruction', in: { model, images: val, concepts: { $from: 'concepts.concepts' } } },
  };
}

function pluginsOf(kind: PackageKind): Readonly<Record<string, string>> {
  return {
    ...(kind !== 'dataset' && { data: '@espalier/data-planted' }),
    ...(kind !== 'model' && { resnet: '@espalier/model-resnet' }),
    ...(kind !== 'pruner' && { magnitude: '@espalier/pruner-magnitude' }),
    ...(kind !== 'explainer' && { vg: '@espalier/explainer-vg' }),
    metrics: '@espalier/metrics',
    ...(kind === 'concepts' && { quality: '@espalier/metrics-concepts' }),
    report: '@espalier/report',
  };
}

/** The packages of Espalier that the study uses. */
export function packagesOf(kind: PackageKind): readonly string[] {
  return Object.values(pluginsOf(kind));
}
