import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { openStudy, type PlannedInstance } from '../src/index.ts';
import { nodeOf, runToy, smallStudy, toyPackages, toyStudy, writeStudy } from './toy-study.ts';

type Study = Record<string, unknown>;

async function instancesOf(study: Study): Promise<readonly PlannedInstance[]> {
  const file = writeStudy(temporaryFolder(), study);
  return (await openStudy({ file, packages: toyPackages })).plan.instances;
}

/** Instance by instance: what each input port gets. */
function wiring(instances: readonly PlannedInstance[], node: string): string[] {
  return instances
    .filter((instance) => instance.node === node)
    .map(({ id, inputs }) => {
      const ports = [...inputs].map(
        ([port, sources]) => `${port} <- ${sources.map(({ instance }) => instance).join(' ')}`,
      );
      return `${id}: ${ports.join('; ')}`;
    });
}

function only(study: Study, ...names: string[]): Study {
  const nodes = study.nodes as Record<string, unknown>;
  return { ...study, nodes: Object.fromEntries(names.map((name) => [name, nodes[name]])), outputs: {} };
}

test('a node has the axes of its inputs, joined on equal labels, times its matrix', async () => {
  const instances = await instancesOf(toyStudy());
  expect(instances.filter(({ node }) => node === 'dense').map(({ id }) => id)).toEqual([
    'dense[seed=0]',
    'dense[seed=1]',
  ]);
  expect(wiring(instances, 'attr').slice(0, 2)).toEqual([
    'attr[explainer=toy/flat,seed=0,sparsity=0]: model <- prune[seed=0,sparsity=0]; images <- data',
    'attr[explainer=toy/gradient,seed=0,sparsity=0]: model <- prune[seed=0,sparsity=0]; images <- data',
  ]);
  expect(instances.filter(({ node }) => node === 'attr')).toHaveLength(2 * 3 * 2);
});

test('two inputs that share an axis meet at equal labels only', async () => {
  const study = toyStudy();
  Object.assign(study.nodes as object, {
    again: {
      use: 'core/train',
      in: { model: { $from: 'prune.model' }, data: { $from: 'data.train' } },
      with: { epochs: 1 },
    },
  });
  Object.assign(nodeOf(study, 'nonzero').in as object, { model: { $from: 'again.model' } });
  const metric = (await instancesOf(study)).filter(({ node }) => node === 'nonzero');
  expect(metric).toHaveLength(6);
  expect(wiring(metric, 'nonzero')[4]).toBe(
    'nonzero[seed=1,sparsity=0.25]: model <- again[seed=1,sparsity=0.25]; images <- data',
  );
});

test('a scan is a chain: each instance takes what the one before produced, and the zero hands its input on', async () => {
  const instances = await instancesOf(only(toyStudy(), 'data', 'network', 'dense', 'prune'));
  expect(wiring(instances, 'prune').slice(0, 3)).toEqual([
    'prune[seed=0,sparsity=0]: model <- dense[seed=0]; data <- data',
    'prune[seed=0,sparsity=0.25]: model <- prune[seed=0,sparsity=0]; data <- data',
    'prune[seed=0,sparsity=0.5]: model <- prune[seed=0,sparsity=0.25]; data <- data',
  ]);
  const [zero, first] = instances.filter(({ node }) => node === 'prune');
  expect([...zero!.passThrough!]).toEqual([['model', { instance: 'dense[seed=0]', port: 'model' }]]);
  expect(first!.passThrough).toBeUndefined();
  expect(first!.options.plugin).toEqual({ sparsity: 0.25, dishonest: false, kernel: 0 });
});

test('a scan without zero starts from its own input', async () => {
  const study = only(toyStudy(), 'data', 'network', 'dense', 'prune');
  delete (nodeOf(study, 'prune').scan as { zero?: number }).zero;
  expect(wiring(await instancesOf(study), 'prune')[0]).toBe(
    'prune[seed=0,sparsity=0.25]: model <- dense[seed=0]; data <- data',
  );
});

test('exclude takes combinations out, include adds some', async () => {
  const study = only(toyStudy(), 'data', 'network');
  Object.assign(nodeOf(study, 'network'), {
    matrix: {
      seed: [0, 1],
      copy: ['a', 'b'],
      exclude: [{ seed: 1, copy: 'b' }],
      include: [{ seed: 5, copy: 'a' }],
    },
  });
  expect((await instancesOf(study)).map(({ id }) => id)).toEqual([
    'data',
    'network[copy=a,seed=0]',
    'network[copy=b,seed=0]',
    'network[copy=a,seed=1]',
    'network[copy=a,seed=5]',
  ]);
});

test('a plugin may be added to the axis that chooses it', async () => {
  const study = toyStudy();
  Object.assign(nodeOf(study, 'attr'), {
    matrix: { explainer: ['toy/flat'], include: [{ explainer: 'toy/gradient' }] },
  });
  const attr = (await instancesOf(study)).filter(({ node }) => node === 'attr');
  expect(attr.slice(0, 2).map(({ id, type }) => `${id} by ${type.id}`)).toEqual([
    'attr[explainer=toy/flat,seed=0,sparsity=0] by toy-plugins/flat',
    'attr[explainer=toy/gradient,seed=0,sparsity=0] by toy-plugins/gradient',
  ]);
});

test('gather ends axes: one instance gets everything along them, with labels', async () => {
  const instances = await instancesOf(toyStudy());
  const report = instances.find(({ node }) => node === 'report')!;
  expect(report.id).toBe('report');
  expect(report.inputs.get('models')).toHaveLength(2 * 3);
  expect(report.inputs.get('scores')).toHaveLength(2 * 3 * 2 + 2 * 3);
  expect(report.labels).toEqual({});
});

test('a reporter gathers every axis unless it says which; an empty list gathers none', async () => {
  const study = toyStudy();
  delete nodeOf(study, 'report').gather;
  const reports = async () => wiring(await instancesOf(study), 'report');
  const told = wiring(await instancesOf(toyStudy()), 'report');
  expect(await reports()).toEqual(told);
  nodeOf(study, 'report').gather = [];
  expect(await reports()).toHaveLength(2 * 3 * 2);
});

test('a reporter without "gather" keeps the axes of an input that takes one thing', async () => {
  const study = toyStudy();
  delete nodeOf(study, 'report').gather;
  nodeOf(study, 'data').matrix = { size: ['small', 'large'] };
  const reports = (await instancesOf(study)).filter(({ node }) => node === 'report');
  expect(reports.map(({ id }) => id)).toEqual(['report[size=small]', 'report[size=large]']);
  expect(reports[0]!.inputs.get('models')).toHaveLength(2 * 3);
});

test('only reporters gather by themselves', async () => {
  const metrics = (await instancesOf(toyStudy())).filter(({ node }) => node === 'mass');
  expect(metrics).toHaveLength(2 * 3 * 2);
});

test('axes that are not gathered stay: one report for each label', async () => {
  const study = toyStudy();
  Object.assign(nodeOf(study, 'report'), { gather: ['sparsity', 'explainer'] });
  const reports = (await instancesOf(study)).filter(({ node }) => node === 'report');
  expect(reports.map(({ id }) => id)).toEqual(['report[seed=0]', 'report[seed=1]']);
  expect(reports[1]!.inputs.get('models')!.map(({ instance }) => instance)).toEqual([
    'prune[seed=1,sparsity=0]',
    'prune[seed=1,sparsity=0.25]',
    'prune[seed=1,sparsity=0.5]',
  ]);
});

test('baseline hands over the inputs at one label beside each instance', async () => {
  const study = toyStudy();
  Object.assign(nodeOf(study, 'mass'), { baseline: { axis: 'sparsity', at: 0 } });
  const mass = (await instancesOf(study)).filter(({ node }) => node === 'mass');
  expect(
    mass.map(({ id, baseline }) => `${id} beside ${baseline!.get('attributions')![0]!.instance}`).slice(2, 4),
  ).toEqual([
    'mass[explainer=toy/flat,seed=0,sparsity=0.25] beside attr[explainer=toy/flat,seed=0,sparsity=0]',
    'mass[explainer=toy/gradient,seed=0,sparsity=0.25] beside attr[explainer=toy/gradient,seed=0,sparsity=0]',
  ]);
});

describe('beside', () => {
  /** The toy study with a treatment, listed last, and two controls, one of which is no pruner. */
  const besideStudy = (beside: unknown): Study => {
    const study = smallStudy();
    Object.assign(study.params as object, { levels: [0.25, 0.5] });
    const { with: _, ...prune } = nodeOf(study, 'prune');
    const training = { epochs: 1, batchSize: 3 };
    const pruning = { use: 'toy/first', with: { sparsity: { $axis: 'sparsity' }, finetune: training } };
    const arms = [
      { label: 'control', ...pruning },
      { label: 'on', use: 'core/train', with: training },
      { label: 'treated', ...pruning },
    ];
    Object.assign(study.nodes as object, { prune: { ...prune, use: { $axis: 'arm' }, matrix: { arm: arms }, beside } });
    return study;
  };

  test('hands the others what the instances at one label made, and puts these first', async () => {
    const study = besideStudy({ at: { arm: 'treated' }, in: { like: 'model' } });
    const pruned = (await instancesOf(study)).filter(({ node }) => node === 'prune');
    const like = pruned.map(
      ({ id, inputs }) => `${id} like ${inputs.get('like')?.map(({ instance }) => instance) ?? 'nothing'}`,
    );
    expect(like.map((line) => line.replaceAll('seed=0,', ''))).toEqual([
      'prune[arm=treated,sparsity=0] like nothing',
      'prune[arm=treated,sparsity=0.25] like nothing',
      'prune[arm=treated,sparsity=0.5] like nothing',
      'prune[arm=control,sparsity=0] like nothing', // runs nothing
      'prune[arm=control,sparsity=0.25] like prune[arm=treated,sparsity=0.25]',
      'prune[arm=control,sparsity=0.5] like prune[arm=treated,sparsity=0.5]',
      'prune[arm=on,sparsity=0] like nothing',
      'prune[arm=on,sparsity=0.25] like nothing', // training takes no such input
      'prune[arm=on,sparsity=0.5] like nothing',
    ]);
    const { status, failures } = await runToy(temporaryFolder(), study);
    expect([status, ...failures.values()]).toEqual(['ok']);
  });

  test.each([
    [{ at: { am: 'treated' }, in: { like: 'model' } }, 'This node has no axis "am". Did you mean "arm"?'],
    [{ at: { arm: 'treatd' }, in: { like: 'model' } }, 'no instance at arm="treatd". Did you mean "treated"?'],
    [
      { at: { arm: 'treated' }, in: { lke: 'model' } },
      'No plugin of this node has an input "lke". Did you mean "like"?',
    ],
    [{ at: { arm: 'treated' }, in: { model: 'model' } }, 'The input "model" is connected already, under "in".'],
    [{ at: { arm: 'treated' }, in: { like: 'mdel' } }, 'has no output "mdel". Did you mean "model"?'],
    [{ at: { arm: 'treated' }, in: { select: 'model' } }, 'takes something else than "model" as its input "select"'],
  ])('refuses %j', async (beside, text) => {
    await expect(instancesOf(besideStudy(beside))).rejects.toThrow(text);
  });

  test('refuses an instance whose counterpart was left out', async () => {
    const study = besideStudy({ at: { arm: 'treated' }, in: { like: 'model' } });
    const { matrix } = nodeOf(study, 'prune');
    Object.assign(matrix as object, { half: [1, 2], exclude: [{ arm: 'treated', half: 2 }] });
    await expect(instancesOf(study)).rejects.toThrow(
      /is put beside "prune\[arm=treated,half=2,seed=0,sparsity=0.25\]", which there is not/,
    );
  });
});

test('an edge with labels takes only the instances there, whose axes stay', async () => {
  const study = toyStudy();
  Object.assign(nodeOf(study, 'attr').in as object, {
    model: { $from: 'prune.model', at: { seed: 1, sparsity: { $param: 'levels' } } },
  });
  Object.assign(nodeOf(study, 'mass'), {
    in: { attributions: { $from: 'attr.attributions', at: { explainer: ['toy/flat'], sparsity: 0.5 } } },
    baseline: { axis: 'sparsity', at: 0.25 }, // found among all instances, not among those taken
  });
  study.outputs = { weights: { $from: 'dense.model', at: { seed: 1 } } };
  const { plan } = await openStudy({ file: writeStudy(temporaryFolder(), study), packages: toyPackages });
  expect(wiring(plan.instances, 'attr').map((line) => line.split(':')[0])).toEqual([
    'attr[explainer=toy/flat,seed=1,sparsity=0.25]',
    'attr[explainer=toy/gradient,seed=1,sparsity=0.25]',
    'attr[explainer=toy/flat,seed=1,sparsity=0.5]',
    'attr[explainer=toy/gradient,seed=1,sparsity=0.5]',
  ]);
  expect(wiring(plan.instances, 'mass')).toEqual([
    'mass[explainer=toy/flat,seed=1,sparsity=0.5]: attributions <- attr[explainer=toy/flat,seed=1,sparsity=0.5]',
  ]);
  const [mass] = plan.instances.filter(({ node }) => node === 'mass');
  expect(mass!.baseline!.get('attributions')![0]!.instance).toBe('attr[explainer=toy/flat,seed=1,sparsity=0.25]');
  expect(plan.outputs[0]!.sources.map(({ instance }) => instance)).toEqual(['dense[seed=1]']);
});

test('options at an axis value go over those of the node, and only to the node that chooses by it', async () => {
  const instances = await instancesOf(toyStudy());
  const optionsOf = (id: string) => instances.find((instance) => instance.id === id)!.options.plugin;
  expect(optionsOf('attr[explainer=toy/gradient,seed=0,sparsity=0]')).toEqual({ steps: 3 });
  expect(optionsOf('mass[explainer=toy/gradient,seed=0,sparsity=0]')).toEqual({});
});

test('a value with a label can be anything', async () => {
  const study = only(toyStudy(), 'data', 'network', 'dense');
  Object.assign(nodeOf(study, 'dense'), {
    matrix: { schedule: ['plain', { label: 'cosine', value: { name: 'cosine', final: 0.1 } }] },
    with: { epochs: 1, schedule: { $axis: 'schedule' } },
  });
  (nodeOf(study, 'dense').matrix as { schedule: unknown[] }).schedule[0] = {
    label: 'plain',
    value: { name: 'constant' },
  };
  const dense = (await instancesOf(study)).filter(({ node }) => node === 'dense');
  expect(dense.map(({ id }) => id).slice(0, 2)).toEqual([
    'dense[schedule=plain,seed=0]',
    'dense[schedule=cosine,seed=0]',
  ]);
  expect(dense[1]!.options.kind).toMatchObject({ schedule: { name: 'cosine', final: 0.1 } });
});

test('seeds depend on the study seed, the plugin and the labels, not on names, aliases or other nodes', async () => {
  const seedsOf = async (study: Study) => new Map((await instancesOf(study)).map(({ id, seed }) => [id, seed]));
  const before = await seedsOf(toyStudy());
  expect(new Set(before.values()).size).toBeGreaterThan(20);

  const renamed = JSON.parse(JSON.stringify(toyStudy()).replaceAll('attr.', 'maps.').replace('"attr":', '"maps":'));
  const another = await seedsOf(renamed);
  expect(another.get('maps[explainer=toy/gradient,seed=1,sparsity=0.5]')).toBe(
    before.get('attr[explainer=toy/gradient,seed=1,sparsity=0.5]'),
  );

  const aliased = JSON.parse(JSON.stringify(toyStudy()).replaceAll('"toy/', '"play/').replace('"toy":', '"play":'));
  const alias = await seedsOf(aliased);
  expect(alias.get('attr[explainer=play/gradient,seed=1,sparsity=0.5]')).toBe(
    before.get('attr[explainer=toy/gradient,seed=1,sparsity=0.5]'),
  );

  const reseeded = await seedsOf({ ...toyStudy(), seed: 8 });
  expect(reseeded.get('data')).not.toBe(before.get('data'));
});

test('a profile changes parameters and compute, and the command line goes over both', async () => {
  const study = {
    ...toyStudy(),
    compute: { engine: 'wasm' },
    profiles: { short: { params: { seeds: [4] }, compute: { training: 'fast' } } },
  };
  const file = writeStudy(temporaryFolder(), study);
  const request = {
    file,
    packages: toyPackages,
    profile: 'short',
    params: { levels: [0.75] },
    compute: { inference: 'fast' as const },
  };
  const { plan } = await openStudy(request);
  expect(plan.compute).toEqual({ engine: 'wasm', inference: 'fast', training: 'fast' });
  expect(plan.instances.filter(({ node }) => node === 'prune').map(({ id }) => id)).toEqual([
    'prune[seed=4,sparsity=0]',
    'prune[seed=4,sparsity=0.75]',
  ]);
});

test('thousands of instances are planned in a moment', async () => {
  const { params, ...rest } = toyStudy();
  const seeds = Array.from({ length: 150 }, (_, i) => i);
  const study = { ...rest, maxInstances: 20_000, params: { ...(params as object), seeds } };
  const started = performance.now();
  expect((await instancesOf(study)).length).toBe(1 + 150 * (1 + 1 + 3 + 6 + 6 + 3) + 1);
  expect(performance.now() - started).toBeLessThan(10_000); // about 1 s alone; the bound only catches quadratic growth
});
