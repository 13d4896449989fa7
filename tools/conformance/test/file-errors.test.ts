import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ModelFactory, type Plugins, parseOptions, plainServices, type Services } from '@espalier/core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { writeTinyImagenette } from '../../../packages/data-imagenette/test/tiny-imagenette.ts';
import { fileFaults, folderFaults, type PathFault, unhelpfulError } from '../../../packages/files/test/path-faults.ts';
import { allPlugins } from './all-plugins.ts';

/** An option that takes a path, and what may stand there instead of what it wants. */
interface PathOption {
  readonly faults: readonly PathFault[];
  /** Whether it takes a list of paths. */
  readonly isList?: true;
  /** Other options that it needs. */
  readonly others?: Readonly<Record<string, unknown>>;
}

const top = mkdtempSync(join(tmpdir(), 'espalier-file-errors-'));
const images = join(top, 'images');

// To add an option that takes a path, add its row; or its name below, where it takes none. The first test fails until then.
const pathOptions: Readonly<Record<string, PathOption>> = {
  '@espalier/data-folder/image-folder.folder': { faults: folderFaults },
  '@espalier/data-folder/image-folder.boxes': { faults: fileFaults, others: { folder: images } },
  '@espalier/data-folder/image-folder.masks': { faults: folderFaults, others: { folder: images } },
  '@espalier/data-imagenette/imagenette.folder': { faults: folderFaults },
  '@espalier/data-imagenette/imagenette.boxes': { faults: fileFaults, others: { folder: images } },
  ...weightsOf('mobilenet', ['mobilenet-v2'], { widthMultiplier: 0.1 }),
  ...weightsOf('resnet', ['resnet18', 'resnet34', 'resnet50', 'resnet101'], { width: 1 }),
  '@espalier/explainer-files/from-files.folder': { faults: folderFaults, others: { layout: 'h w' } },
  '@espalier/explainer-files/from-files.file': { faults: fileFaults, others: { layout: 'h w' } },
  '@espalier/model-onnx/model.file': { faults: fileFaults, others: { mean: [0, 0, 0], std: [1, 1, 1] } },
  ...weightsOf('vgg', ['vgg11', 'vgg11-bn', 'vgg16', 'vgg16-bn', 'vgg19', 'vgg19-bn'], { width: 1 }),
  ...weightsOf('vit', ['vit-b-16', 'vit-s-16', 'vit-mini-8'], {}),
  '@espalier/report/report.published': { faults: fileFaults, isList: true },
};

/** One mechanism reads the weights of all networks by name. */
function weightsOf(family: string, names: readonly string[], others: Readonly<Record<string, unknown>>) {
  const row: PathOption = { faults: fileFaults, others };
  return Object.fromEntries(names.map((name) => [`@espalier/model-${family}/${name}.weights`, row]));
}

/** Options whose texts name layers, classes, axes and the like. */
const noPaths: ReadonlySet<string> = new Set([
  ...['background', 'classes'].map((name) => `@espalier/data-folder/image-folder.${name}`),
  ...['classes', 'output'].map((name) => `@espalier/model-onnx/model.${name}`),
  ...[
    'gradient/snip',
    'gradient/synflow',
    'gradient/taylor',
    'lrp/prune',
    'magnitude/prune',
    'nm/prune',
    'random/prune',
    'structured/l1',
    'structured/taylor',
    'structured/batch-norm',
    'structured/relevance',
  ].map((name) => `@espalier/pruner-${name}.exclude`),
  ...['nm', 'prune'].map((name) => `@espalier/pruner-wanda/${name}.exclude`),
  ...['craft.layer', 'craft.layers', 'random-dictionary.layer'].map((name) => `@espalier/concepts-craft/${name}`),
  ...['kmeans/k-means', 'pca/pca', 'sae/top-k', 'sae/batch-top-k', 'tcav/tcav'].map(
    (name) => `@espalier/concepts-${name}.layer`,
  ),
  ...['grad-cam', 'grad-cam-plus-plus', 'guided-grad-cam'].map((name) => `@espalier/explainer-cam/${name}.layer`),
  '@espalier/metrics/localisation.regions',
  '@espalier/metrics-similarity/cka.layers',
  '@espalier/explainer-files/from-files.within',
  '@espalier/metrics-concepts/coherence.layer',
  ...['classes', 'sparsityAxis', 'seedAxis', 'explainerAxis', 'armAxis', 'treatment', 'definitionAxis'].map(
    (name) => `@espalier/report/report.${name}`,
  ),
  ...['defaultDefinition', 'control', 'drawAxis', 'endpoints', 'margins.propertyNames', 'bars.propertyNames'].map(
    (name) => `@espalier/report/report.${name}`,
  ),
]);

beforeAll(async () => {
  await writeTinyImagenette(images, { train: 2, val: 1 });
  for (const folder of [top, images]) chmodSync(folder, 0o777);
});
afterAll(() => rmSync(top, { recursive: true }));
afterEach(() => vi.unstubAllGlobals());

/** Where a schema takes any text, by the names of its fields. */
function textOptions(schema: unknown, path: string): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { type, enum: choices, const: only } = schema as Readonly<Record<string, unknown>>; // of JSON Schema
  const here = [type].flat().includes('string') && choices === undefined && only === undefined ? [path] : [];
  const below = Object.entries(schema).flatMap(([key, value]) =>
    textOptions(value, /^(properties|anyOf|oneOf|items|prefixItems|\d+)$/.test(key) ? path : `${path}.${key}`),
  );
  return [...here, ...below];
}

test('every option of every plugin that takes a text is known to take a path or none', async () => {
  const found = (await allPlugins()).flatMap(({ name, plugins }) =>
    plugins.flatMap((plugin) => textOptions(z.toJSONSchema(plugin.options, { io: 'input' }), `${name}/${plugin.name}`)),
  );
  expect(new Set(found)).toEqual(new Set([...Object.keys(pathOptions), ...noPaths]));
});

let count = 0;

/** A place of its own for a fault, in a folder that everybody may use. */
function place(): { readonly path: string; readonly services: Services } {
  const folder = join(top, `case-${count++}`);
  for (const each of [folder, join(folder, 'cache')]) {
    mkdirSync(each);
    chmodSync(each, 0o777);
  }
  const compute = { engine: 'wasm', inference: 'exact', training: 'exact' } as const;
  return {
    path: join(folder, 'given'),
    services: plainServices({ folder, cacheFolder: join(folder, 'cache'), compute }),
  };
}

type AnyPlugin = Plugins[number];

const spec = {
  input: { height: 32, width: 32, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
  classes: ['a', 'b', 'c'],
};

/** What plan and run do with options; each must end in an error about `path`, if the plan did not find it. */
async function expectHelpful(plugin: AnyPlugin, options: unknown, services: Services, path: string): Promise<void> {
  const parsed = parseOptions(plugin, options);
  const uses: Readonly<Record<string, () => unknown>> = {
    fingerprint: () => plugin.fingerprint!(parsed, services),
    create: async () => {
      const port: unknown = await plugin.create(parsed, services);
      if (plugin.kind === 'model') await (port as ModelFactory).create(spec, 0); // what models create
    },
  };
  for (const [name, use] of Object.entries(uses)) {
    const error = await Promise.resolve()
      .then(use)
      .then(
        () => new Error('It was taken.'),
        (cause: unknown) => cause,
      );
    expect([name, unhelpfulError(error, path)]).toEqual([name, undefined]);
  }
}

const plugins = new Map(
  (await allPlugins()).flatMap(({ name, plugins }) => plugins.map((plugin) => [`${name}/${plugin.name}`, plugin])),
);

describe.each(Object.entries(pathOptions))('%s', (name, { faults, isList, others }) => {
  const [, plugin, option] = /^(.*)\.(\w+)$/.exec(name)!;

  test.each(faults)('where there is $name is one sentence with the path', async ({ missing, make, during }) => {
    if (missing !== undefined) return;
    const { path, services } = place();
    const given = make(path);
    const work = (): Promise<void> =>
      expectHelpful(plugins.get(plugin!)!, { ...others, [option!]: isList ? [given] : given }, services, given);
    await (during ? during(given, work) : work());
  });
});

describe('@espalier/data-imagenette/imagenette', () => {
  const imagenette = plugins.get('@espalier/data-imagenette/imagenette')!;

  test.each(folderFaults.filter(({ name }) => name !== 'nothing'))(
    'with $name as the folder of downloads is one sentence with the path',
    async ({ make, during }) => {
      vi.stubGlobal('fetch', () => {
        throw new Error('It asks the server before it looks at the disk.');
      });
      const { path, services } = place();
      const cacheFolder = make(path);
      const work = (): Promise<void> =>
        expectHelpful(imagenette, { archive: '160' }, { ...services, cacheFolder }, cacheFolder);
      await (during ? during(cacheFolder, work) : work());
    },
  );

  test.each(fileFaults.filter(({ name }) => !/nothing|long|through/.test(name)))(
    'with $name as an image is one sentence with the path',
    async ({ make, during }) => {
      const { services } = place();
      const folder = resolve(services.folder, 'images');
      await writeTinyImagenette(folder, { train: 1, val: 1 });
      const image = join(folder, 'train/n01440764/n01440764_5.JPEG');
      make(image);
      const work = (): Promise<void> => expectHelpful(imagenette, { folder }, services, image);
      await (during ? during(image, work) : work());
    },
  );
});
