import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { apiVersion } from '@espalier/core';
import { loadPackages, parseStudyText } from '@espalier/study';
import { Ajv2020, type Options, type ValidateFunction } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { openStudy } from '../src/index.ts';
import { nodeCatalogue } from '../src/kinds/index.ts';
import { schemaOfStudy } from '../src/opening/kept-schema.ts';
import { packageLoader } from '../src/plugins/plugin-packages.ts';
import { includedStudy } from './included-study.ts';
import { plugins } from './toy-plugins.ts';
import { toyOverRecipe, toyRecipe } from './toy-recipe.ts';
import { nodeOf, toyPackages, toyStudy, writeStudy } from './toy-study.ts';

type Study = Record<string, unknown>;

/** A validator of studies like `study`, as strict as ajv is; it throws where it would only warn. */
async function validatorOf(study: unknown, folder = '.', more: Options = {}): Promise<ValidateFunction> {
  const included = await includedStudy(study, folder);
  const listed = await loadPackages(included, folder, { loader: packageLoader(toyPackages), catalogue: nodeCatalogue });
  const schema = schemaOfStudy(included, listed);
  const refuse = (text: unknown): never => {
    throw new Error(String(text));
  };
  // Used for one question: what would make answers faster makes compiling slower.
  const quick = { inlineRefs: false, code: { optimize: false }, validateSchema: false };
  return new Ajv2020({ strict: true, logger: { log: refuse, warn: refuse, error: refuse }, ...quick, ...more }).compile(
    schema,
  );
}

function inputsOf(study: Study, node: string): Record<string, unknown> {
  return nodeOf(study, node).in as Record<string, unknown>;
}

function optionsOf(study: Study, node: string): Record<string, unknown> {
  return nodeOf(study, node).with as Record<string, unknown>;
}

const finetune = { epochs: 1, batchSize: 3 };
const first = { label: 'first', use: 'toy/first', with: { sparsity: { $axis: 'sparsity' }, finetune } };

/** The toy study with all that studies may say, where plugins and options come from rows and parameters. */
function richStudy(): Study {
  const study = toyStudy();
  const maps = ['toy/flat', { use: 'toy/gradient', with: { steps: 2 } }];
  Object.assign(study.params as Study, { maps, training: finetune, baseline: 0.25 });
  Object.assign(nodeOf(study, 'dense'), { with: { $param: 'training' } });
  Object.assign(nodeOf(study, 'prune'), {
    use: { $axis: 'arm' },
    matrix: { arm: [first, { label: 'trained-on', use: 'core/train', with: finetune }] },
    scan: { axis: 'sparsity', over: [0.25, { label: 'half', value: 0.5 }], carry: { model: 'model' }, zero: 0 },
    with: {},
  });
  Object.assign(nodeOf(study, 'attr'), {
    in: { model: { $from: 'prune.model', at: { sparsity: [0.25, 'half'], seed: 0 } }, images: { $from: 'data.eval' } },
    matrix: { explainer: { $param: 'maps' }, again: [1, 2], exclude: [{ again: 2, explainer: 'toy/flat' }] },
  });
  Object.assign(nodeOf(study, 'mass'), { baseline: { axis: 'sparsity', at: { $param: 'baseline' } } });
  Reflect.deleteProperty(nodeOf(study, 'report'), 'gather');
  const outputs = { 'a/b.txt': { $from: 'report.list.txt' }, w: { $from: 'prune.model', at: { seed: 1 } } };
  return Object.assign(study, { outputs });
}

describe('the schema of a study takes', () => {
  test.each([
    ['the toy study', toyStudy()],
    ['a study with all that studies may say', richStudy()],
  ])('%s', async (_, study) => {
    const file = writeStudy(temporaryFolder(), study);
    await using opened = await openStudy({ file, packages: toyPackages });
    expect(opened.plan.instances.length).toBeGreaterThan(0);
    const validate = await validatorOf(study, '.', { validateSchema: true });
    validate(study);
    expect(validate.errors).toBeNull();
  });

  const shipped = ['quickstart', 'planted', 'paper-protocol', 'resnet18-imagenette'].map(
    (name) => `../../../studies/${name}.json`,
  );
  test.each([...shipped, './fixtures/outside/study.json'])('%s', async (path) => {
    const file = fileURLToPath(new URL(path, import.meta.url));
    const study = parseStudyText(readFileSync(file, 'utf8'), file).value;
    const validate = await validatorOf(study, dirname(file));
    validate(study);
    expect(validate.errors).toBeNull();
  });
});

const mistakes: Readonly<Record<string, (study: Study) => unknown>> = {
  'a node that is not there': (s) => Object.assign(inputsOf(s, 'dense'), { model: { $from: 'netwrok.model' } }),
  'an output that a node does not have': (s) => Object.assign(inputsOf(s, 'dense'), { data: { $from: 'data.trian' } }),
  'an output of another kind': (s) => Object.assign(inputsOf(s, 'mass'), { attributions: { $from: 'prune.model' } }),
  'an input that its plugin does not have': (s) =>
    Object.assign(inputsOf(s, 'mass'), { atributions: { $from: 'attr.attributions' } }),
  'an input left out': (s) => Object.assign(nodeOf(s, 'dense'), { in: { model: { $from: 'network.model' } } }),
  'all inputs left out': (s) => Reflect.deleteProperty(nodeOf(s, 'mass'), 'in'),
  'a list for an input that takes one': (s) =>
    Object.assign(inputsOf(s, 'dense'), { data: [{ $from: 'data.train' }, { $from: 'data.val' }] }),
  'nodes that wait for each other': (s) => Object.assign(inputsOf(s, 'network'), { data: { $from: 'prune.model' } }),
  'a node that uses itself': (s) => Object.assign(inputsOf(s, 'dense'), { model: { $from: 'dense.model' } }),
  'an option that is not there': (s) => Object.assign(optionsOf(s, 'dense'), { learningrate: 0.1 }),
  'an option of the wrong type': (s) => Object.assign(optionsOf(s, 'dense'), { batchSize: 'many' }),
  'an option that does not exist as a choice': (s) =>
    Object.assign(optionsOf(s, 'dense'), { optimizer: { name: 'adam' } }),
  'an option left out': (s) => Object.assign(nodeOf(s, 'dense'), { with: { batchSize: 3 } }),
  'all options left out': (s) => Reflect.deleteProperty(nodeOf(s, 'dense'), 'with'),
  'a plugin that its package does not have': (s) => Object.assign(nodeOf(s, 'prune'), { use: 'toy/frist' }),
  'an alias that is not there': (s) => Object.assign(nodeOf(s, 'mass'), { use: 'toys/mass' }),
  'a plugin on an axis that its package does not have': (s) =>
    Object.assign(nodeOf(s, 'attr'), { matrix: { explainer: ['toy/flatt'] } }),
  'a plugin in a row that its package does not have': (s) =>
    Object.assign(nodeOf(s, 'attr'), { matrix: { explainer: [{ use: 'toy/gradeint', with: { steps: 3 } }] } }),
  'an added combination with a plugin that is not there': (s) =>
    Object.assign(nodeOf(s, 'attr').matrix as Study, { include: [{ explainer: 'toy/flatt' }] }),
  'an axis that chooses no plugin': (s) => Object.assign(nodeOf(s, 'attr'), { matrix: { explainer: [1, 2] } }),
  'a parameter that is not there': (s) => Object.assign(optionsOf(s, 'dense'), { epochs: { $param: 'epoch' } }),
  'a parameter whose value an option does not take': (s) => Object.assign(s.params as Study, { epochs: 1.5 }),
  'an axis that is not there': (s) => Object.assign(optionsOf(s, 'prune'), { sparsity: { $axis: 'sparsty' } }),
  'an axis to choose by that is not there': (s) => Object.assign(nodeOf(s, 'attr'), { use: { $axis: 'explaner' } }),
  'a value on an axis that an option does not take': (s) =>
    Object.assign(nodeOf(s, 'prune').scan as Study, { over: [0.25, 1.5] }),
  'a value of a parameter on an axis that an option does not take': (s) =>
    Object.assign(s.params as Study, { levels: [0.25, 1.5] }),
  'an axis that the inputs have': (s) => Object.assign(nodeOf(s, 'attr').matrix as Study, { seed: [1, 2] }),
  'a scan along an axis that the inputs have': (s) => Object.assign(nodeOf(s, 'prune').scan as Study, { axis: 'seed' }),
  'a label to leave out that is not there': (s) =>
    Object.assign(nodeOf(s, 'attr').matrix as Study, { exclude: [{ explainer: 'toy/flatt' }] }),
  'an axis in a row that is not there': (s) =>
    Object.assign(nodeOf(s, 'attr').matrix as Study, { exclude: [{ explaner: 'toy/flat' }] }),
  'an axis to gather that is not there': (s) => Object.assign(nodeOf(s, 'report'), { gather: ['sede'] }),
  'an axis to gather where one thing is taken': (s) => Object.assign(nodeOf(s, 'mass'), { gather: ['seed'] }),
  'a baseline of what takes none': (s) => Object.assign(nodeOf(s, 'attr'), { baseline: { axis: 'sparsity', at: 0 } }),
  'a baseline on an axis that is not there': (s) =>
    Object.assign(nodeOf(s, 'mass'), { baseline: { axis: 'sparsty', at: 0 } }),
  'a baseline at a label that is not there': (s) =>
    Object.assign(nodeOf(s, 'mass'), { baseline: { axis: 'sparsity', at: 0.1 } }),
  'a carried input that is not there': (s) =>
    Object.assign(nodeOf(s, 'prune').scan as Study, { carry: { modle: 'model' } }),
  'a carried output that is not there': (s) =>
    Object.assign(nodeOf(s, 'prune').scan as Study, { carry: { model: 'modle' } }),
  'labels on an axis that is not there': (s) =>
    Object.assign(inputsOf(s, 'attr'), { model: { $from: 'prune.model', at: { sparsty: 0.5 } } }),
  'a label that is not there': (s) =>
    Object.assign(inputsOf(s, 'attr'), { model: { $from: 'prune.model', at: { sparsity: 0.55 } } }),
  'a file that a reporter does not write': (s) => Object.assign(s, { outputs: { a: { $from: 'report.lst.txt' } } }),
  'an output of a node that is not there': (s) => Object.assign(s, { outputs: { a: { $from: 'reprot.list.txt' } } }),
  'an output at a label that is not there': (s) =>
    Object.assign(s, { outputs: { a: { $from: 'prune.model', at: { seed: [0, 7] } } } }),
  'an output outside its folder': (s) => Object.assign(s, { outputs: { '../a': { $from: 'report.list.txt' } } }),
  'no node': (s) => Object.assign(s, { nodes: {}, outputs: {} }),
  'an alias that is taken': (s) => Object.assign(s.plugins as Study, { core: 'toy-plugins' }),
  'a key that means nothing': (s) => Object.assign(s, { seeed: 3 }),
};

function arms(study: Study, ...rows: readonly unknown[]): unknown {
  return Object.assign(nodeOf(study, 'prune').matrix as Study, { arm: rows });
}

const richMistakes: Readonly<Record<string, (study: Study) => unknown>> = {
  'a misspelt option in a row': (s) => arms(s, { ...first, with: { ...first.with, kernle: 1 } }),
  'an option of the wrong type in a row': (s) => arms(s, { use: 'core/train', with: { epochs: 'one', batchSize: 3 } }),
  'a row without an option that it needs': (s) => arms(s, { label: 'first', use: 'toy/first', with: { finetune } }),
  'a row without any option': (s) => arms(s, 'core/train'),
  'a plugin of a row that its package does not have': (s) => arms(s, { ...first, use: 'toy/frist' }),
  'an axis in a row that is not there': (s) => arms(s, { ...first, with: { sparsity: { $axis: 'sparsty' } } }),
  'an option of the node that one of its plugins does not have': (s) =>
    Object.assign(optionsOf(s, 'prune'), { kernel: 0 }),
  'an input that one of its plugins does not have': (s) =>
    Object.assign(inputsOf(s, 'prune'), { initial: { $from: 'network.model' } }),
  'a misspelt option in a parameter that is a row': (s) =>
    Object.assign(s.params as Study, { maps: [{ use: 'toy/gradient', with: { stesp: 2 } }] }),
  'a plugin in a parameter that is not there': (s) => Object.assign(s.params as Study, { maps: ['toy/flatt'] }),
  'a parameter of options without one that is needed': (s) =>
    Object.assign(s.params as Study, { training: { batchSize: 3 } }),
  'a value with a label that an option does not take': (s) =>
    Object.assign(nodeOf(s, 'prune').scan as Study, { over: [0.25, { label: 'half', value: 5 }] }),
};

describe.each([
  ['the toy study', toyStudy, mistakes],
  ['a study with all that studies may say', richStudy, richMistakes],
])('the schema of %s refuses what its plan refuses:', (_, sound, wrong) => {
  let validate: ValidateFunction;
  beforeAll(async () => {
    validate = await validatorOf(sound());
  });

  test.each(Object.entries(wrong))('%s', async (_name, change) => {
    const study = sound();
    change(study);
    const file = writeStudy(temporaryFolder(), study);
    await expect(openStudy({ file, packages: toyPackages })).rejects.toThrow('nothing was run');
    expect(validate(study)).toBe(false);
  });
});

describe('a plan that fails', () => {
  const schemaIn = (home: string): unknown => JSON.parse(readFileSync(join(home, 'study.schema.json'), 'utf8'));
  const planned = async (study: unknown, home = temporaryFolder()): Promise<string> => {
    const file = writeStudy(temporaryFolder(), study);
    const opened = openStudy({ file, packages: toyPackages, home, refreshesSchema: true });
    await expect(opened).rejects.toThrow(/nothing was run|not readable as JSON/);
    return home;
  };

  test('leaves a schema that knows the study as it stands, and all its mistakes', async () => {
    const study = toyStudy();
    Object.assign(study.plugins as Study, { away: 'no-such-package' });
    Object.assign(nodeOf(study, 'attr'), { use: 'toy/flatt' });
    Object.assign(inputsOf(study, 'dense'), { model: { $from: 'netwrok.model' } });
    Object.assign(study.nodes as Study, {
      more: { use: 'away/anything', in: { some: { $from: 'attr.attributions' } } },
    });
    const schema = schemaIn(await planned(study));
    const validate = new Ajv2020({ strict: true, allErrors: true, code: { optimize: false } }).compile(
      schema as object,
    );
    expect(validate(study)).toBe(false);
    const places = new Set(validate.errors?.map(({ instancePath }) => instancePath));
    expect([...places].filter((place) => place.endsWith('use') || place.endsWith('$from')).sort()).toEqual([
      '/nodes/attr/use',
      '/nodes/dense/in/model/$from',
    ]);
    // What a package that is not there would offer is not guessed.
    expect([...places].filter((place) => place.startsWith('/nodes/more') || place.startsWith('/nodes/mass'))).toEqual(
      [],
    );
  });

  test('leaves a schema of any study where the text is not JSON, and one that is there as it is', async () => {
    const home = await planned('{ "apiVersion": "study/v1" "name": 1 }');
    expect(schemaIn(home)).toMatchObject({
      title: 'Espalier study',
      $defs: { 'core.train': { required: ['epochs'] } },
    });
    const before = schemaIn(await planned({ ...toyStudy(), seeed: 1 }, home));
    expect(before).toMatchObject({ $defs: { 'toy.gradient': { properties: { steps: {} } } } });
    expect(schemaIn(await planned('{', home))).toEqual(before);
  });

  test('leaves nothing of a study that holds a secret', async () => {
    const secret = 'https://somebody:hunter2@example.org/images';
    const study = { ...toyStudy(), params: { levels: [0.5], seeds: [0], epochs: 1, [secret]: 1 } };
    const text = readFileSync(join(await planned(study), 'study.schema.json'), 'utf8');
    expect(text).not.toContain('hunter2');
  });

  test('without being asked to keep a schema writes none', async () => {
    const home = temporaryFolder();
    const file = writeStudy(temporaryFolder(), { ...toyStudy(), seeed: 1 });
    await expect(openStudy({ file, packages: toyPackages, home })).rejects.toThrow('nothing was run');
    expect(existsSync(join(home, 'study.schema.json'))).toBe(false);
  });
});

test('plugins may describe their options in any way that JSON Schema has', async () => {
  const options = z.strictObject({
    range: z.tuple([z.number(), z.number()]).optional().describe('two numbers'),
    names: z.tuple([z.string()], z.number()).optional().describe('a text, then numbers'),
    mixed: z
      .union([z.literal(1), z.literal('one'), z.null()])
      .optional()
      .describe('one of several types'),
    address: z.url().optional().describe('an address'),
    tree: z
      .lazy((): z.ZodType => tree)
      .optional()
      .describe('a tree'),
    any: z.unknown().optional().describe('anything'),
    both: z
      .intersection(z.object({ a: z.number() }), z.object({ b: z.number() }))
      .optional()
      .describe('both'),
    map: z
      .record(z.string().regex(/^[a-z]+$/), z.number())
      .optional()
      .describe('numbers by name'),
    word: z
      .string()
      .regex(/^[\w-.]+$/)
      .optional()
      .describe('a pattern that is none in unicode mode'),
  });
  const tree: z.ZodType = z.strictObject({ children: z.array(z.lazy(() => tree)).optional() });
  const odd = { ...plugins[0]!, name: 'odd', options };
  const study = { ...toyStudy(), plugins: { odd: 'odd' }, nodes: { data: { use: 'odd/odd', with: {} } }, outputs: {} };
  const included = await includedStudy(study);
  const listed = await loadPackages(included, '.', {
    loader: packageLoader(new Map([['odd', { apiVersion, plugins: [odd] }]])),
    catalogue: nodeCatalogue,
  });
  expect(listed.problems).toEqual([]);
  const validate = new Ajv2020({ strict: true }).compile(schemaOfStudy(included, listed));
  const accepts = (given: unknown): boolean => validate({ ...study, nodes: { data: { use: 'odd/odd', with: given } } });
  const right = {
    range: [1, 2],
    names: ['a', 1],
    mixed: 'one',
    tree: { children: [{}] },
    both: { a: 1, b: 2 },
    map: { a: 1 },
  };
  expect(accepts(right)).toBe(true);
  for (const wrong of [
    { range: [1] },
    { range: [1, 2, 3] },
    { mixed: 2 },
    { tree: { children: [{ kids: [] }] } },
    { map: { A: 1 } },
    { both: { a: 1 } },
  ])
    expect([wrong, accepts(wrong)]).toEqual([wrong, false]);
});

test('what a recipe takes and gives is completed and checked by name', async () => {
  const folder = temporaryFolder();
  writeStudy(folder, toyRecipe(), 'toy.json');
  const right = toyOverRecipe();
  const more = { use: 'toy/mass', in: { attributions: { $from: 'protocol.maps', at: { sparsity: 0.5 } } } };
  const study = { ...right, nodes: { ...right.nodes, more } };
  const { protocol } = study.include;
  const validate = await validatorOf(study, folder);
  validate(study);
  expect(validate.errors).toBeNull();
  const including = (change: object) => ({ ...study, include: { protocol: { ...protocol, ...change } } });
  const inMore = (input: object) => ({ ...study, nodes: { ...study.nodes, more: { ...more, in: input } } });
  const dense = { ...nodeOf(study, 'dense'), in: { model: { $from: 'protocol.model' } } };
  for (const wrong of [
    including({ with: { ...protocol.with, levls: [0.5] } }),
    including({ with: { ...protocol.with, levels: 0.5 } }),
    including({ with: { ...protocol.with, epochs: -1 } }), // as the option says that it stands for
    including({ with: { ...protocol.with, maps: ['toy/flatt'] } }),
    { ...study, profiles: { short: { params: { 'protocol.levls': [0.5] } } } },
    { ...study, profiles: { short: { params: { 'protocol.epochs': 'two' } } } },
    { ...study, params: { ...(right.params as object), levels: 'all' } },
    including({ with: {} }),
    including({ in: { ...protocol.in, modle: { $from: 'dense.model' } } }),
    including({ in: { ...protocol.in, model: { $from: 'data.train' } } }),
    including({ in: {} }),
    inMore({ attributions: { $from: 'protocol.model' } }),
    inMore({ attributions: { $from: 'protocol/attr.attributions' } }),
    inMore({ attributions: { $from: 'protocol.maps', at: { sparsity: 0.4 } } }),
    { ...study, outputs: { 'a.txt': { $from: 'protocol.list.text' } } },
    { ...study, nodes: { ...study.nodes, dense } }, // which the recipe needs
  ])
    expect([wrong, validate(wrong)]).toEqual([wrong, false]);
});
