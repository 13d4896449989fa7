import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { openStudy } from '@espalier/runner';
import { expect, onTestFinished, test } from 'vitest';

// What only a run could find before: each is told with its line before anything runs, and nothing is opened for it.

type Node = Record<string, unknown>;
type Nodes = Record<string, Node>;

const names = [
  'concepts-craft',
  'data-imagenette',
  'data-planted',
  'explainer-vg',
  'metrics',
  'metrics-concepts',
  'model-resnet',
  'pruner-magnitude',
];
const packages = new Map<string, unknown>();
for (const name of names) packages.set(`@espalier/${name}`, await import(`@espalier/${name}`));

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-plan-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Twenty images of each class train, two more tune; eight evaluate, four of them explained. */
function nodes(): Nodes {
  const model = { $from: 'prune.model' };
  const images = { $from: 'data.val' };
  const evaluated = { $from: 'data.eval' };
  return {
    data: { use: 'data/planted', with: { trainPerClass: 22, valPerClass: 8, evalPerClass: 4 } },
    network: { use: 'resnet/resnet18', with: { width: 8 }, in: { data: { $from: 'data.train' } } },
    dense: {
      use: 'core/train',
      in: { model: { $from: 'network.model' }, data: { $from: 'data.train' } },
      with: { epochs: 1 },
    },
    prune: {
      use: 'magnitude/prune',
      in: { model: { $from: 'dense.model' }, data: { $from: 'data.train' } },
      scan: { axis: 'sparsity', over: [0.3, 0.5], carry: { model: 'model' }, zero: 0 },
      with: { sparsity: { $axis: 'sparsity' }, finetune: { epochs: 1 } },
    },
    maps: { use: 'vg/saliency', in: { model, images: evaluated } },
    concepts: { use: 'craft/craft', in: { model, images }, with: { concepts: 4, layer: 'layer2', patch: 0.5 } },
    nulls: { use: 'craft/random-dictionary', in: { model, images }, with: { concepts: 4 } },
    coherence: {
      use: 'quality/coherence',
      in: { embedder: { $from: 'network.model' }, images, concepts: { $from: 'concepts.concepts' } },
    },
    lineage: {
      use: 'quality/lineage',
      in: { images, concepts: { $from: 'concepts.concepts' } },
      baseline: { axis: 'sparsity', at: 0 },
    },
    recovery: { use: 'quality/recovery', in: { images, concepts: { $from: 'concepts.concepts' } } },
    road: { use: 'metrics/road', in: { model, images: evaluated, attributions: { $from: 'maps.attributions' } } },
    where: { use: 'metrics/localisation', in: { images: evaluated, attributions: { $from: 'maps.attributions' } } },
  };
}

function written(change: (nodes: Nodes) => void, folder = folderOf()): string {
  const study = {
    apiVersion: 'study/v1',
    name: 'known',
    seed: 1,
    plugins: {
      data: '@espalier/data-planted',
      imagenette: '@espalier/data-imagenette',
      resnet: '@espalier/model-resnet',
      magnitude: '@espalier/pruner-magnitude',
      vg: '@espalier/explainer-vg',
      craft: '@espalier/concepts-craft',
      quality: '@espalier/metrics-concepts',
      metrics: '@espalier/metrics',
    },
    nodes: nodes(),
  };
  change(study.nodes);
  const file = join(folder, 'study.json');
  writeFileSync(file, JSON.stringify(study, undefined, 2));
  return file;
}

/** The problems that opening a study reports: `/path  text`. */
async function problemsOf(file: string): Promise<readonly string[]> {
  const error: unknown = await openStudy({ file, packages }).then(
    async (opened) => void (await opened[Symbol.asyncDispose]()),
    (reason) => reason,
  );
  if (error === undefined) return [];
  if (!StudyError.is(error)) throw error;
  return error.message
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/^.*?:\d+:\d+ {2}/, ''));
}

const set = (node: string, options: Node) => (all: Nodes) =>
  void Object.assign(all[node]!, { with: { ...(all[node]!.with as Node | undefined), ...options } });
const connect = (node: string, inputs: Node) => (all: Nodes) => void Object.assign(all[node]!.in as Node, inputs);
const take = (node: string, key: string) => (all: Nodes) => void Reflect.deleteProperty(all[node]!, key);

const found: readonly (readonly [string, (nodes: Nodes) => void, string | RegExp])[] = [
  [
    'more evaluated images than there are',
    set('data', { evalPerClass: 9 }),
    /^\/nodes\/data\/with\/evalPerClass {2}Expected at most 8 images per class, for ".+" has no more to evaluate on; found 9\.$/,
  ],
  [
    'images that are too small for a network',
    set('data', { size: 16 }),
    "/nodes/network/with  A ResNet takes images of at least 32 x 32 pixels; found 16 x 16. Choose a larger size in the dataset's options.",
  ],
  [
    'weights that are not there',
    set('network', { weights: 'weights.safetensors' }),
    /^\/nodes\/network\/with\/weights {2}Expected a safetensors file of weights at .+weights\.safetensors; found none\. A relative path starts at the study's folder\.$/,
  ],
  [
    'a kernel to leave alone that is not there',
    set('prune', { exclude: ['layer1.*', 'layer9.*'] }),
    /^\/nodes\/prune\/with\/exclude\/1 {2}Expected a kernel, or a prefix of kernels that ends in "\.\*"; "layer9\.\*" is not there; close names are /,
  ],
  [
    'every kernel to be left alone',
    set('prune', { exclude: ['conv1.weight', 'layer1.*', 'layer2.*', 'layer3.*', 'layer4.*', 'fc.weight'] }),
    '/nodes/prune/with/exclude  Expected at least one kernel to prune; "exclude" names all 21 of the model. Exclude fewer.',
  ],
  [
    'fine-tuning without images',
    (all) => Object.assign(all.prune!, { in: { model: { $from: 'dense.model' } } }),
    '/nodes/prune/with/finetune  magnitude/prune has "finetune" but no images to train on. Connect its input "data", for example to data.train.',
  ],
  [
    'rewinding without weights',
    set('prune', { rewind: {} }),
    '/nodes/prune/with/rewind  magnitude/prune has "rewind" but no weights to go back to. Connect its input "initial", for example to network.model.',
  ],
  [
    'selection where nothing trains',
    (all) => {
      set('prune', { finetune: null })(all);
      connect('prune', { select: { $from: 'data.tune' } })(all);
    },
    '/nodes/prune/with  magnitude/prune has its input "select" connected, but trains nothing. Set "finetune", or take the input away.',
  ],
  [
    'comparison of epochs on nothing',
    set('dense', { keep: 'best-before-epoch' }),
    '/nodes/dense/with/keep  core/train has "keep", but no images to compare epochs on. Connect its input "select", for example to data.tune.',
  ],
  [
    'a level without a round',
    set('prune', { rounds: [{ sparsity: 0.3, round: 2 }] }),
    '/nodes/prune/with/rounds  magnitude/prune: "rounds" has no round for the level 0.5; it has the levels 0.3. Add { "sparsity": 0.5, "round": … }.',
  ],
  [
    'rounds that go back',
    set('prune', {
      rounds: [
        { sparsity: 0.3, round: 4 },
        { sparsity: 0.5, round: 3 },
      ],
    }),
    /^\/nodes\/prune\/with\/rounds {2}magnitude\/prune: the level 0\.5 is reached after 3 rounds, but the model on its input was pruned 4 times\./,
  ],
  [
    'training without images',
    (all) => {
      set('data', { trainPerClass: 1, tuneFraction: 0.9 })(all);
      set('prune', { finetune: null })(all);
    },
    '/nodes/dense/with  Training needs at least two images; its input "data" has 0. Give it more images.',
  ],
  [
    'selection without images',
    (all) => {
      set('data', { tuneFraction: 0 })(all);
      connect('dense', { select: { $from: 'data.tune' } })(all);
    },
    '/nodes/dense/with  core/train gets no images: the part of the data on its input "select" is empty. Connect another part, or change how the data are divided.',
  ],
  [
    'explanations of no images',
    (all) => {
      set('data', { tuneFraction: 0 })(all);
      all.none = { use: 'vg/saliency', in: { model: { $from: 'dense.model' }, images: { $from: 'data.tune' } } };
    },
    /^\/nodes\/none\/with {2}vg\/saliency gets no images: the part of the data on its input "images" is empty\./,
  ],
  [
    'maps of other images than those to remove pixels from',
    (all) => {
      connect('maps', { images: { $from: 'data.train' } })(all);
      delete all.where;
    },
    /^\/nodes\/road\/with {2}The input "attributions" was computed of images that the input "images" does not have\./,
  ],
  [
    'concepts of more images than there are to look at',
    connect('recovery', { images: { $from: 'data.eval' } }),
    /The input "concepts" was computed of images that the input "images" does not have\. Connect the same split to both\.$/,
  ],
  [
    'a layer of CRAFT that is not there',
    set('concepts', { layer: 'layer5' }),
    '/nodes/concepts/with/layer  Expected a layer of the model, one of "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"; found "layer5".',
  ],
  [
    'a layer below another that is not before it',
    set('concepts', { depth: 1, layers: ['layer3'] }),
    /^\/nodes\/concepts\/with\/layers {2}Level 1 of the recursion needs a layer before "layer2", found "layer3"/,
  ],
  [
    'levels where there is no layer left',
    set('concepts', { layer: 'maxpool', depth: 2 }),
    /^\/nodes\/concepts\/with\/depth {2}Level 2 of the recursion needs a layer before "relu"; there is none\./,
  ],
  [
    'levels of what is not measured',
    set('concepts', { depth: 1, importance: 'none' }),
    /^\/nodes\/concepts\/with\/depth {2}CRAFT looks into the important concepts of all images/,
  ],
  [
    'a class of CRAFT that is not there',
    set('concepts', { classes: [0, 'no such class'] }),
    /^\/nodes\/concepts\/with\/classes\/1 {2}craft\/craft: the option "classes" names "no such class", which the images do not have\./,
  ],
  [
    'an index of a class that is not there',
    set('concepts', { classes: [10] }),
    /^\/nodes\/concepts\/with\/classes\/0 {2}craft\/craft: the option "classes" names 10,/,
  ],
  [
    'more images than a class has',
    set('concepts', { imagesPerClass: 9 }),
    /^\/nodes\/concepts\/with\/imagesPerClass {2}craft\/craft needs 9 images of the class ".+"; its images has 8\./,
  ],
  [
    'fewer crops than concepts',
    set('concepts', { concepts: 8, imagesPerClass: 1, patch: 1 }),
    /^\/nodes\/concepts\/with\/concepts {2}The class ".+": CRAFT cannot tell 8 concepts apart in 1 crops of 1 images\./,
  ],
  [
    'fewer crops than concepts in a half',
    set('concepts', { imagesPerClass: 1, part: 'odd' }),
    /in 0 crops of 1 images that are in the odd part\./,
  ],
  [
    'a layer of a null that is not there',
    set('nulls', { layer: 'fc' }),
    /^\/nodes\/nulls\/with\/layer {2}Expected a layer of the model/,
  ],
  [
    'a layer of a metric that is not there',
    set('coherence', { layer: 'layer' }),
    /^\/nodes\/coherence\/with\/layer {2}Expected a layer of the model/,
  ],
  [
    'a comparison without a baseline',
    take('lineage', 'baseline'),
    /^\/nodes\/lineage\/with {2}It compares with the concepts at the baseline; found no baseline\. Give the node a "baseline"/,
  ],
  [
    'percentages that do not start at 0',
    set('road', { percentages: [10, 20] }),
    /^\/nodes\/road\/with\/percentages {2}ROAD measures from the unmodified image, so its percentages start with 0; found 10, 20\./,
  ],
  [
    'a region that is not there',
    set('where', { regions: ['striped disc', 'round square'] }),
    /^\/nodes\/where\/with\/regions\/1 {2}The metric "localisation" is to count the region "round square"; the regions of what is on the input "images" are called "striped disc"/,
  ],
];

test.each(found)('%s', async (_, change, expected) => {
  const problems = await problemsOf(written(change));
  expect(problems).toEqual([typeof expected === 'string' ? expected : expect.stringMatching(expected)]);
});

test('nothing is found where nothing is wrong', async () => {
  expect(await problemsOf(written(() => {}))).toEqual([]);
});

/** A folder like ImageNette's, whose images are empty: a plan counts them and opens none. */
function imagenette(folder: string, perClass: number, but: Readonly<Record<string, number>> = {}): string {
  const wnids = [
    'n01440764',
    'n02102040',
    'n02979186',
    'n03000684',
    'n03028079',
    'n03394916',
    'n03417042',
    'n03425413',
    'n03445777',
    'n03888257',
  ];
  for (const part of ['train', 'val'])
    for (const wnid of wnids) {
      const path = join(folder, 'images', part, wnid);
      mkdirSync(path, { recursive: true });
      for (let i = 0; i < (but[`${part}/${wnid}`] ?? perClass); i++) writeFileSync(join(path, `${i}.JPEG`), '');
    }
  return 'images';
}

const from = (options: Node) => (all: Nodes) => {
  all.data = { use: 'imagenette/imagenette', with: { size: 64, ...options } };
  for (const node of ['recovery', 'where']) delete all[node];
};

test('images of a folder are counted by class, and none is opened', async () => {
  const folder = folderOf();
  const images = imagenette(folder, 6, { 'val/n03028079': 2 });
  const study = (change: (all: Nodes) => void) =>
    problemsOf(
      written((all) => {
        from({ folder: images, evalPerClass: 2 })(all);
        change(all);
      }, folder),
    );
  expect(await study(() => {})).toEqual([]);
  expect(await study(set('data', { evalPerClass: 3 }))).toEqual([
    '/nodes/data/with/evalPerClass  Expected at most 2 images per class, for "church" has no more to evaluate on; found 3.',
  ]);
  expect(await study(set('concepts', { imagesPerClass: 3 }))).toEqual([
    '/nodes/concepts/with/imagesPerClass  craft/craft needs 3 images of the class "church"; its images has 2. Lower "imagesPerClass" or connect a larger split.',
  ]);
  expect(
    await study((all) => {
      all.where = nodes().where!;
    }),
  ).toEqual([expect.stringMatching(/^\/nodes\/where\/with {2}The metric "localisation" needs images with regions/)]);
  expect(await study(set('data', { boxes: 'boxes.csv' }))).toEqual([
    expect.stringMatching(
      /^\/nodes\/data\/with\/boxes {2}Expected a CSV or JSON file of boxes at .+boxes\.csv; found none\./,
    ),
  ]);
  rmSync(join(folder, images, 'val', 'n03028079'), { recursive: true });
  expect(await study(() => {})).toEqual([
    expect.stringMatching(/^\/nodes\/data\/with\/folder {2}.*missing: "?n03028079/),
  ]);
});

test('what is not known before a run is not guessed: an archive is not there yet, nor counted', async () => {
  const archive = (change: (all: Nodes) => void) =>
    problemsOf(
      written((all) => {
        from({ archive: '160' })(all);
        change(all);
      }),
    );
  expect(await archive(set('concepts', { imagesPerClass: 100_000 }))).toEqual([]);
  expect(await archive(set('concepts', { classes: ['chruch'] }))).toEqual([
    expect.stringMatching(/^\/nodes\/concepts\/with\/classes\/0 .*Did you mean "church"\?$/),
  ]);
  expect(await problemsOf(written(from({})))).toEqual([
    expect.stringMatching(
      /^\/nodes\/data\/with(\/folder)? {2}ImageNette needs one of the options "folder" and "archive"/,
    ),
  ]);
});
