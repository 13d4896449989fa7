import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { graphCommand } from '../src/command-line/commands/graph.ts';
import { type Output, outputTo } from '../src/command-line/commands/output.ts';
import { planCommand } from '../src/command-line/commands/plan.ts';
import { whyCommand } from '../src/command-line/commands/why.ts';
import { openStudy, type StudyRequest } from '../src/index.ts';
import { type Json, toyOverRecipe, toyRecipe } from './toy-recipe.ts';
import { nodeOf, runToy, smallStudy, toyPackages, writeStudy } from './toy-study.ts';

interface Files {
  readonly study?: unknown;
  readonly recipe?: unknown;
  readonly more?: Readonly<Record<string, unknown>>;
}

function written({ study = toyOverRecipe(), recipe = toyRecipe(), more = {} }: Files): string {
  const folder = temporaryFolder();
  for (const [name, value] of Object.entries({ 'toy.json': recipe, ...more })) writeStudy(folder, value, name);
  writeStudy(folder, study);
  return folder;
}

/** The full text of the error that opening the study gives, its folder written as <folder>. */
async function errorOf(files: Files | string): Promise<string> {
  const folder = typeof files === 'string' ? files : written(files);
  const error = await openStudy({ file: join(folder, 'study.json'), packages: toyPackages }).then(
    () => undefined,
    (reason) => reason,
  );
  if (!StudyError.is(error)) throw error ?? new Error('The study is valid.');
  return `[${error.code}] ${error.message}`.replaceAll(folder, '<folder>');
}

function changed(change: (study: ReturnType<typeof toyOverRecipe>) => void): unknown {
  const study = toyOverRecipe();
  change(study);
  return study;
}

function changedRecipe(change: (recipe: Json & Record<'nodes' | 'params' | 'outputs' | 'inputs', Json>) => void): Json {
  const recipe = toyRecipe() as Json & Record<'nodes' | 'params' | 'outputs' | 'inputs', Json>;
  change(recipe);
  return recipe;
}

test('a study over a recipe has the keys and seeds of one that writes it out', async () => {
  const folder = temporaryFolder();
  writeStudy(folder, toyRecipe(), 'toy.json');
  const writtenOut = await runToy(folder, smallStudy());
  const over = await runToy(folder, toyOverRecipe());
  const again: string[] = [];
  const third = await runToy(folder, toyOverRecipe(), {
    listener: (event) => void (event.type === 'started' && again.push(event.instance)),
  });
  expect([writtenOut.status, over.status, third.status, again]).toEqual(['ok', 'ok', 'ok', []]);
  const keysOf = async (study: unknown, file: string) => {
    await using opened = await openStudy({ file: writeStudy(folder, study, file), packages: toyPackages });
    const { instances } = opened.plan;
    const plain = (id: string): string => id.replace('protocol/', '');
    return instances.map(({ id, seed, options, inputs, labels }) => ({
      id: plain(id),
      inputs: [...inputs].map(([port, list]) => [port, list.map((one) => `${plain(one.instance)}.${one.port}`)]),
      ...{ seed, labels, options: options.key },
    }));
  };
  const images = (study: Json) =>
    Object.assign(nodeOf(study, 'nonzero').in as Json, { images: { $from: 'data.eval' } });
  expect(await keysOf(toyOverRecipe(), 'over.json')).toEqual(await keysOf(smallStudy(images), 'out.json'));
});

test('nothing but the report is run again when a study is written over a recipe', async () => {
  const folder = temporaryFolder();
  const images = (study: Json) =>
    Object.assign(nodeOf(study, 'nonzero').in as Json, { images: { $from: 'data.eval' } });
  await runToy(folder, smallStudy(images));
  writeStudy(folder, toyRecipe(), 'toy.json');
  const ran: string[] = [];
  await runToy(folder, toyOverRecipe(), {
    listener: (event) => void (event.type === 'started' && ran.push(event.instance)),
  });
  expect(ran).toEqual(['protocol/report']);
});

test('a profile and the command line give parameters of recipes other values', async () => {
  const study = changed((s) =>
    Object.assign(s, { profiles: { deep: { params: { 'protocol.levels': [0.25, 0.75] } } } }),
  );
  const file = join(written({ study }), 'study.json');
  const levelsOf = async (request: Partial<StudyRequest>) => {
    await using opened = await openStudy({ file, packages: toyPackages, ...request });
    return opened.plan.params['protocol.levels'];
  };
  expect(await levelsOf({})).toEqual([0.5]);
  expect(await levelsOf({ profile: 'deep' })).toEqual([0.25, 0.75]);
  expect(await levelsOf({ profile: 'deep', params: { 'protocol.levels': [0.125] } })).toEqual([0.125]);
  await expect(levelsOf({ params: { 'protocol.level': [0.125] } })).rejects.toThrow('Did you mean "protocol.levels"?');
});

describe('an error in a recipe says where, and which include brought it:', () => {
  test.each<readonly [string, Json]>([
    [
      'a misspelt option',
      changedRecipe(({ nodes }) => Object.assign(nodes.prune as Json, { with: { sparsty: 1, sparsity: 0.5 } })),
    ],
    [
      'a misspelt node',
      changedRecipe(({ nodes }) =>
        Object.assign(nodes.mass as Json, { in: { attributions: { $from: 'atr.attributions' } } }),
      ),
    ],
    [
      'a node of the study',
      changedRecipe(({ nodes }) =>
        Object.assign(nodes.mass as Json, { in: { attributions: { $from: 'dense.model' } } }),
      ),
    ],
    [
      'an input that it has not',
      changedRecipe(({ nodes }) => Object.assign(nodes.mass as Json, { in: { attributions: { $from: 'in.maps' } } })),
    ],
    [
      'an input of another kind',
      changedRecipe(({ nodes }) => Object.assign(nodes.mass as Json, { in: { attributions: { $from: 'in.images' } } })),
    ],
    [
      'a parameter that it has not',
      changedRecipe(({ nodes }) => Object.assign(nodes.prune as Json, { with: { sparsity: { $param: 'level' } } })),
    ],
    ['a misshapen node', changedRecipe(({ nodes }) => Object.assign(nodes, { mass: { use: 'toy/mass', on: {} } }))],
    [
      'an output that is an input',
      changedRecipe(({ outputs }) => Object.assign(outputs, { model: { $from: 'in.model' } })),
    ],
    ['a name that is taken', changedRecipe(({ nodes }) => Object.assign(nodes, { in: { use: 'toy/noise' } }))],
    [
      'defaults that wait for each other',
      changedRecipe(({ params }) =>
        Object.assign(params, {
          levels: { description: 'a', default: { $param: 'maps' } },
          maps: { description: 'b', default: [{ $param: 'levels' }] },
        }),
      ),
    ],
    ['an alias for another package', { ...toyRecipe(), plugins: { toy: 'other-plugins' } }],
    ['another format', { ...toyRecipe(), apiVersion: 'study/v1', seed: 1 }],
  ])('%s', async (_, recipe) => {
    const study = toyOverRecipe();
    Reflect.deleteProperty(study.include.protocol.with, 'levels');
    expect(await errorOf({ study, recipe })).toMatchSnapshot();
  });
});

describe('an include that', () => {
  test.each<readonly [string, unknown]>([
    ['misspells a parameter', changed((s) => Object.assign(s.include.protocol.with, { levls: [0.5] }))],
    ['leaves out a parameter', changed((s) => Object.assign(s.include.protocol, { with: {} }))],
    ['gives a parameter of another type', changed((s) => Object.assign(s.include.protocol.with, { levels: 0.5 }))],
    [
      'gives by a parameter of the study what is of another type',
      changed((s) => Object.assign(s.include.protocol.with, { epochs: { $param: 'levels' } })),
    ],
    [
      'gives a parameter what an option refuses',
      changed((s) => Object.assign(s.include.protocol.with, { epochs: -1 })),
    ],
    [
      'names a parameter that the study has not',
      changed((s) => Object.assign(s.include.protocol.with, { levels: { $param: 'level' } })),
    ],
    ['misspells an input', changed((s) => Object.assign(s.include.protocol.in, { modle: { $from: 'dense.model' } }))],
    ['leaves out an input', changed((s) => Reflect.deleteProperty(s.include.protocol.in, 'train'))],
    [
      'connects several to one',
      changed((s) =>
        Object.assign(s.include.protocol.in, { model: [{ $from: 'dense.model' }, { $from: 'network.model' }] }),
      ),
    ],
    ['connects another kind', changed((s) => Object.assign(s.include.protocol.in, { model: { $from: 'data.train' } }))],
    [
      'connects what is not there',
      changed((s) => Object.assign(s.include.protocol.in, { model: { $from: 'dens.model' } })),
    ],
    ['has the name of a node', changed((s) => Object.assign(s.nodes, { protocol: s.nodes.data }))],
    [
      'is asked for an output that it has not',
      changed((s) => Object.assign(s, { outputs: { 'a.txt': { $from: 'protocol.list.text' } } })),
    ],
    ['is looked into', changed((s) => Object.assign(s, { outputs: { 'a.txt': { $from: 'protocol/prune.model' } } }))],
    [
      'has its parameter among those of the study',
      changed((s) => Object.assign(s.params as Json, { 'protocol.levels': [0.5] })),
    ],
    ['is misshapen', changed((s) => Object.assign(s.include, { protocol: { recipe: './toy.json', into: {} } }))],
    ['names no recipe', changed((s) => Object.assign(s.include.protocol, { recipe: './tyo.json' }))],
    [
      'names a package that is not there',
      changed((s) => Object.assign(s.include.protocol, { recipe: '@espalier/recipies/a' })),
    ],
    ['leads out of the folder', changed((s) => Object.assign(s.include.protocol, { recipe: '../../etc/passwd' }))],
    ['names a place of the machine', changed((s) => Object.assign(s.include.protocol, { recipe: '/etc/passwd' }))],
    ['names a builtin of Node', changed((s) => Object.assign(s.include.protocol, { recipe: 'fs/promises' }))],
  ])('%s', async (_, study) => {
    expect(
      (await errorOf({ study })).replace(/of the study's folder, .*?\. Name/, "of the study's folder, <folder>. Name"),
    ).toMatchSnapshot();
  });
});

describe('an input that takes a node or an include whole', () => {
  const wholeRecipe = (): Json => ({
    apiVersion: 'recipe/v1',
    name: 'whole',
    description: 'explains',
    inputs: {
      data: { kind: 'outputs', description: 'a dataset' },
      of: { kind: 'outputs', description: 'the protocol' },
    },
    params: { without: { description: 'explainers left out', default: [] } },
    nodes: {
      attr: {
        use: { $axis: 'explainer' },
        in: { model: { $from: 'in.of.model' }, images: { $from: 'in.data.eval' } },
        matrix: { explainer: ['toy/flat', 'toy/gradient'], exclude: { $param: 'without' } },
        with: {},
      },
      mass: { use: 'toy/mass', in: { attributions: { $from: 'attr.attributions' } } },
    },
    outputs: { scores: [{ $from: 'mass.scores' }, { $from: 'mass.scores', at: { explainer: 'toy/flat' } }] },
  });
  const whole = (inputs: Json, recipe = wholeRecipe(), withs: Json = {}) => {
    const study = changed((s) => {
      Object.assign(s.include, { checks: { recipe: './whole.json', in: inputs, with: withs } });
      Object.assign(s.include.protocol.in, { scores: { $from: 'checks.scores' } });
    });
    return { study, more: { 'whole.json': recipe } };
  };

  test('is named in the recipe with one of its outputs; an output may be several edges', async () => {
    const files = whole({ data: { $from: 'data' }, of: { $from: 'protocol' } }, undefined, {
      without: [{ explainer: 'toy/gradient' }],
    });
    const file = join(written(files), 'study.json');
    await using opened = await openStudy({ file, packages: toyPackages });
    const inputsOf = (node: string, port: string) =>
      opened.plan.instances
        .find((one) => one.node === node)
        ?.inputs.get(port)
        ?.map(({ instance }) => instance);
    expect(inputsOf('checks/attr', 'model')).toEqual(['protocol/prune[seed=0,sparsity=0]']);
    expect(inputsOf('checks/attr', 'images')).toEqual(['data']);
    const scores = inputsOf('protocol/report', 'scores')?.filter((id) => id.startsWith('checks/'));
    expect(scores).toHaveLength(4); // two models, by two edges, without what is left out
  });

  const over = (change: (nodes: Json) => void): Json => {
    const recipe = wholeRecipe();
    change(recipe.nodes as Json);
    return recipe;
  };
  test.each<readonly [string, Files]>([
    ['is given one output', whole({ data: { $from: 'data.train' }, of: { $from: 'protocol' } })],
    ['is given what is not there', whole({ data: { $from: 'date' }, of: { $from: 'protocol' } })],
    ['is given a node without the output', whole({ data: { $from: 'network' }, of: { $from: 'protocol' } })],
    [
      'is used whole where one thing is taken',
      whole(
        { data: { $from: 'data' }, of: { $from: 'protocol' } },
        over((nodes) => Object.assign((nodes.attr as { in: Json }).in, { images: { $from: 'in.data' } })),
      ),
    ],
  ])('%s', async (_, files) => {
    expect(await errorOf(files)).toMatchSnapshot();
  });
});

test('a part of a parameter that is an object is given by its name', async () => {
  const study = changed((s) => {
    Object.assign(s.params as Json, { training: { epochs: 2, batchSize: 3 } });
    Object.assign(s.nodes.dense as Json, { with: { $param: 'training' } });
    Object.assign(s, { profiles: { long: { params: { 'training.epochs': 9 } } } });
  });
  const file = join(written({ study }), 'study.json');
  const training = async (request: Partial<StudyRequest>) => {
    await using opened = await openStudy({ file, packages: toyPackages, ...request });
    return opened.plan.params.training;
  };
  expect(await training({ profile: 'long' })).toEqual({ epochs: 9, batchSize: 3 });
  expect(await training({ params: { 'training.batchSize': 4 } })).toEqual({ epochs: 2, batchSize: 4 });
  await expect(training({ params: { 'training.epochs': -1 } })).rejects.toThrow('--param training.epochs=-1');
  await expect(training({ params: { 'levels.first': 1 } })).rejects.toThrow('There is no parameter "levels.first"');
});

describe('what a recipe brings is told', () => {
  const requestIn = (folder: string) => ({ file: join(folder, 'study.json'), packages: toyPackages });
  const told = async (work: (output: Output) => Promise<number>): Promise<string> => {
    let text = '';
    const write = (part: string): void => {
      text += part;
    };
    expect(await work(outputTo({ isTerminal: false, columns: 80, write, writeError: write }))).toBe(0);
    return text;
  };

  test('by plan, why and graph', async () => {
    const request = requestIn(written({}));
    const plan = await told((output) => planCommand(request, { json: false }, output));
    expect(plan).toContain('  protocol: the recipe ./toy.json\n');
    expect(plan).toMatch(/\n {2}protocol\/prune +1 to run/);
    const why = await told((output) => whyCommand(request, 'protocol/prune[sparsity=0.5]', false, output));
    expect(why).toContain('  a node of the recipe ./toy.json, included as protocol\n');
    const graphOf = (format: 'dot' | 'mermaid') =>
      told((output) => graphCommand(request, { format, out: undefined }, output));
    expect(await graphOf('mermaid')).toMatch(/\n {2}subgraph g0\["protocol"\]\n {4}n\d\["protocol\/prune/);
    expect(await graphOf('dot')).toMatch(/\n {2}subgraph cluster_0 \{ label="protocol";\n {4}"protocol\/prune" \[/);
  });

  test('by the name of an include, all of its instances are meant', async () => {
    const request = requestIn(written({}));
    await using opened = await openStudy({ ...request, select: { only: ['protocol'], refresh: ['protocol'] } });
    expect(opened.refresh.size).toBe(opened.plan.instances.length - 3);
  });

  test('by the lock file, the record and the schema of editors', async () => {
    const folder = written({});
    const { folder: record } = await runToy(folder, toyOverRecipe());
    const lock = () => JSON.parse(readFileSync(join(folder, 'study.lock.json'), 'utf8'));
    const { './toy.json': before } = lock().recipes;
    expect(before).toEqual({ version: null, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const kept = JSON.parse(readFileSync(join(record, 'recipes.json'), 'utf8'));
    expect(JSON.parse(kept['./toy.json'])).toEqual(toyRecipe());
    writeStudy(
      folder,
      changedRecipe((recipe) => Object.assign(recipe, { description: 'another' })),
      'toy.json',
    );
    const changes: unknown[] = [];
    await runToy(folder, toyOverRecipe(), {
      listener: (event) => void (event.type === 'lock' && changes.push(...event.changes)),
    });
    const { './toy.json': after } = lock().recipes;
    const shortly = (digest: string): string => digest.slice(0, 12);
    expect(changes).toEqual([`the recipe ./toy.json: ${shortly(before.digest)} -> ${shortly(after.digest)}`]);
  });
});

test('a recipe that is no JSON, a folder, or leads out of the folder by a link is refused', async () => {
  const folder = written({});
  mkdirSync(join(folder, 'inner'));
  writeFileSync(join(folder, 'toy.json'), '{ "apiVersion": ');
  expect(await errorOf(folder)).toMatchSnapshot();
  const named = (recipe: string): void => {
    writeStudy(
      folder,
      changed((s) => Object.assign(s.include.protocol, { recipe })),
    );
  };
  named('./inner');
  expect(await errorOf(folder)).toContain('found a folder');
  const outside = written({});
  symlinkSync(join(outside, 'toy.json'), join(folder, 'link.json'));
  named('./link.json');
  expect(await errorOf(folder)).toContain('"./link.json" leads out of the study\'s folder');
});

describe('recipes in recipes', () => {
  /** A recipe around another, which hands everything on. */
  const around = (recipe: string): Json => {
    const { inputs, params } = toyRecipe() as { inputs: Json; params: Json };
    const handOn = Object.fromEntries(Object.keys(inputs).map((name) => [name, { $from: `in.${name}` }]));
    return {
      apiVersion: 'recipe/v1',
      name: 'around',
      description: 'includes another',
      ...{ inputs, params: { ...params, levels: { description: 'levels', default: [0.75] } } },
      include: { inner: { recipe, in: handOn, with: { levels: { $param: 'levels' }, epochs: { $param: 'epochs' } } } },
      nodes: {},
      outputs: { 'list.txt': { $from: 'inner.list.txt' } },
    };
  };

  test('stand under both names, and are given what is handed on', async () => {
    const study = changed((s) => Object.assign(s.include.protocol, { recipe: './recipes/around.json' }));
    const folder = written({ study });
    mkdirSync(join(folder, 'recipes'));
    writeStudy(join(folder, 'recipes'), around('./toy.json'), 'around.json');
    writeStudy(join(folder, 'recipes'), toyRecipe(), 'toy.json');
    await using opened = await openStudy({ file: join(folder, 'study.json'), packages: toyPackages });
    const { instances, recipes, outputs, params } = opened.plan;
    expect(instances.map(({ id }) => id)).toContain('protocol/inner/prune[seed=0,sparsity=0.5]');
    expect(recipes.map(({ name, recipe }) => [name, recipe])).toEqual([
      ['protocol', './recipes/around.json'],
      ['protocol/inner', './recipes/toy.json'],
    ]);
    expect(outputs.map(({ sources }) => sources[0]?.instance)).toEqual(['protocol/inner/report']);
    expect([params['protocol.levels'], params['protocol.inner.levels'] ?? params['protocol/inner.levels']]).toEqual([
      [0.5],
      [0.5],
    ]);
  });

  test('tell an error with every include on the way', async () => {
    const study = changed((s) => Object.assign(s.include.protocol, { recipe: './around.json' }));
    const recipe = changedRecipe(({ nodes }) => Object.assign(nodes.mass as Json, { use: 'toy/mas' }));
    expect(await errorOf({ study, recipe, more: { 'around.json': around('./toy.json') } })).toMatchSnapshot();
  });

  test('may not include themselves', async () => {
    const study = changed((s) => Object.assign(s.include.protocol, { recipe: './a.json' }));
    const more = { 'a.json': around('./b.json'), 'b.json': around('./a.json') };
    expect(await errorOf({ study, more })).toMatchSnapshot();
  });

  test('are bounded in depth and in number', async () => {
    const study = changed((s) => Object.assign(s.include.protocol, { recipe: './r0.json' }));
    const twice = (recipe: string): Json => {
      const one = around(recipe) as Json & { include: Json };
      return { ...one, include: { ...one.include, again: one.include.inner } };
    };
    const more = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`r${i}.json`, twice(`./r${i + 1}.json`)]));
    const text = await errorOf({ study, more });
    expect(text).toContain('A study may include 200 recipes, those in recipes among them.');
    const chain = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`r${i}.json`, around(`./r${i + 1}.json`)]));
    expect(await errorOf({ study, more: chain })).toContain('Recipes may include others 8 deep.');
  });
});
