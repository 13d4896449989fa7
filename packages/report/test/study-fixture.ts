import { createHash } from 'node:crypto';
import {
  type Attributions,
  type ConceptBank,
  type Entry,
  type EpochRecord,
  type Label,
  labelled,
  type ModelSummary,
  type NdArray,
  ndArray,
  type Origin,
  type Provenance,
  type RandomStream,
  type ReportInputs,
  randomStream,
  type Scores,
  type Split,
  sizeOf,
} from '@espalier/core';
import { toyLabel } from '@espalier/core/testing';

/** How large the made-up study is. */
export interface FixtureSizes {
  readonly levels: readonly number[];
  readonly seeds: readonly number[];
  readonly classes: readonly string[];
  readonly imagesPerClass: number;
  readonly size: number;
  readonly conceptsPerClass: number;
  /** Labels on the axis `arm`; a study without that axis has none. */
  readonly arms: readonly string[];
}

export const fixtureSizes: FixtureSizes = {
  levels: [0, 0.1, 0.2, 0.3, 0.5, 0.7],
  seeds: [0],
  classes: ['tench', 'cassette player', 'parachute'],
  imagesPerClass: 4,
  size: 64,
  conceptsPerClass: 6,
  arms: [],
};

const explainers = ['vg/saliency', 'ig/integrated-gradients'] as const;
const explainerNames = {
  'vg/saliency': 'Vanilla Gradients',
  'ig/integrated-gradients': 'Integrated Gradients',
} as const;
const removed = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90];

/** A whole study as the runner would hand it to a reporter: seeded, made up, with every part present. */
export function fixtureInputs(changes: Partial<FixtureSizes> = {}): ReportInputs {
  const sizes = { ...fixtureSizes, ...changes };
  const images = fixtureImages(sizes);
  const places = sizes.seeds.flatMap((seed) => sizes.levels.map((sparsity) => ({ seed, sparsity })));
  const models: Labels[] =
    sizes.arms.length === 0 ? places : sizes.arms.flatMap((arm) => places.map((place) => ({ ...place, arm })));
  const explained = models.flatMap((labels) => explainers.map((explainer) => ({ ...labels, explainer })));
  return {
    provenance: fixtureProvenance(sizes),
    missing: [],
    images,
    models: models.map((labels) => entry('prune', 'magnitude/prune', labels, () => modelSummary(labels))),
    scores: [
      ...models.map((labels) => entry('accuracy', 'metrics/accuracy', labels, () => [accuracy(images, labels)])),
      ...models.map((labels) => entry('counted', 'metrics/sparsity', labels, () => [counted(labels)])),
      ...models.map((labels) =>
        entry('completeness', 'quality/completeness', labels, () => completeness(images, labels)),
      ),
      ...explained.map((labels) => entry('gini', 'metrics/sparseness', labels, () => [sparseness(images, labels)])),
      ...explained.map((labels) => entry('road', 'metrics/road', labels, () => [road(images, labels)])),
    ],
    attributions: explained.map((labels) =>
      entry('explain', labels.explainer, labels, () =>
        labelled(attributions(images, sizes, labels), toyLabel(explainerNames[labels.explainer])),
      ),
    ),
    concepts: models.map((labels) =>
      entry('craft', 'craft/craft', labels, () =>
        banks(images, sizes, labels).map((bank) => labelled(bank, toyLabel('CRAFT'))),
      ),
    ),
  };
}

interface Labels {
  readonly seed: number;
  readonly sparsity: number;
  readonly arm?: string;
}

interface ExplainerLabels extends Labels {
  readonly explainer: (typeof explainers)[number];
}

/** An entry whose artifact is made anew at every load. */
export function entry<Value>(node: string, use: string, labels: object, make: () => Value): Entry<Value> {
  const text = Object.entries(labels)
    .map(([name, label]) => `${name}=${label}`)
    .sort()
    .join(',');
  const origin: Origin = { instance: `${node}[${text}]`, node, use, labels: { ...labels } };
  return { origin, load: async () => make() };
}

/** Smooth backgrounds with one shape per class, at a seeded place. */
function fixtureImages({ classes, imagesPerClass, size }: FixtureSizes): Split {
  const count = classes.length * imagesPerClass;
  const labels = Array.from({ length: count }, (_, i) => i % classes.length);
  return {
    name: 'eval',
    ids: labels.map(
      (label, i) => `val/${classes[label]!.replaceAll(' ', '-')}/image-${String(i).padStart(4, '0')}.JPEG`,
    ),
    labels,
    classes,
    height: size,
    width: size,
    normalisation: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    digest: digest(`images ${count} ${size}`),
    images: async (indices) => {
      const batch = ndArray('n h w c', [indices.length, size, size, 3]);
      indices.forEach((index, row) => {
        paint(batch.data.subarray(row * size * size * 3, (row + 1) * size * size * 3), size, labels[index]!, index);
      });
      return batch;
    },
    pixels: async () => [],
  };
}

/** Centre and radius of an image's shape, as fractions of its size. */
function shapeOf(index: number): { x: number; y: number; radius: number } {
  const stream = randomStream(7, 'shape', index);
  return { x: 0.3 + 0.4 * stream.uniform(), y: 0.3 + 0.4 * stream.uniform(), radius: 0.16 + 0.12 * stream.uniform() };
}

function paint(data: Float32Array, size: number, label: number, index: number): void {
  const stream = randomStream(7, 'colours', index);
  const [sky, ground, colour] = [0, 1, 2].map(() => [stream.uniform(), stream.uniform(), stream.uniform()]);
  const shape = shapeOf(index);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [dx, dy] = [x / size - shape.x, y / size - shape.y];
      const inside = insideShape(label, dx / shape.radius, dy / shape.radius);
      const grain = 0.08 * Math.sin(x * 0.9 + index) * Math.sin(y * 0.7);
      for (let c = 0; c < 3; c++) {
        const back = sky![c]! * (1 - y / size) + ground![c]! * (y / size);
        const value = inside ? 0.25 + 0.75 * colour![c]! : 0.3 + 0.5 * back;
        data[(y * size + x) * 3 + c] = Math.min(1, Math.max(0, value + grain));
      }
    }
  }
}

function insideShape(label: number, x: number, y: number): boolean {
  if (label % 3 === 0) return x * x + y * y < 1;
  if (label % 3 === 1) return Math.abs(x) < 1.2 && Math.abs(y) < 0.7;
  return y > -0.9 && y < 0.8 && Math.abs(x) < (y + 1) * 0.7;
}

function modelSummary({ seed, sparsity }: Labels): ModelSummary {
  const kernels = kernelSizes.map(([name, total], i) => {
    const own = Math.min(0.98, sparsity * (0.55 + (0.6 * i) / kernelSizes.length));
    return { name, total, nonzero: Math.round(total * (1 - own)) };
  });
  const total = kernels.reduce((sum, kernel) => sum + kernel.total, 0);
  const excess = kernels.reduce((sum, kernel) => sum + kernel.nonzero, 0) - Math.round(total * (1 - sparsity));
  const last = kernels.at(-2)!;
  kernels[kernels.length - 2] = { ...last, nonzero: last.nonzero - excess };
  return {
    architecture: 'resnet18',
    proof: {
      kernels,
      kernelSparsity: 1 - Math.round(total * (1 - sparsity)) / total,
      parameterSparsity: (sparsity * total) / (total + 9610),
      maskDigest: digest(`masks ${sparsity === 0 ? '' : `${seed} ${sparsity}`}`),
    },
    history: history(seed, sparsity),
    numerics: { engine: 'tensorflow', version: '2.21.0', inference: 'exact', training: 'fast' },
    digest: digest(`weights ${seed} ${sparsity}`),
    networkDigest: digest(`network ${seed} ${sparsity}`),
  };
}

const kernelSizes: readonly (readonly [string, number])[] = [
  ['conv1.weight', 9408],
  ...[64, 128, 256, 512].flatMap((width, stage) =>
    [0, 1].flatMap((block) => {
      const input = block === 0 && stage > 0 ? width / 2 : width;
      const name = `layer${stage + 1}.${block}`;
      const shortcut = [`${name}.downsample.0.weight`, input * width] as const;
      return [
        [`${name}.conv1.weight`, input * width * 9] as const,
        [`${name}.conv2.weight`, width * width * 9] as const,
        ...(input === width ? [] : [shortcut]),
      ];
    }),
  ),
  ['fc.weight', 5120],
];

function history(seed: number, sparsity: number): EpochRecord[] {
  const stream = randomStream(seed, 'history', sparsity);
  const parent = sparsity === 0 ? [] : history(seed, 0);
  const own = Array.from({ length: sparsity === 0 ? 8 : 3 }, (_, i) => {
    const done = (i + (sparsity === 0 ? 0 : 5)) / 8;
    return {
      epoch: i + 1,
      loss: 2.1 * Math.exp(-1.7 * done) + 0.06 * stream.uniform() + 0.2 * sparsity,
      accuracy: 0.82 - 0.6 * Math.exp(-2.2 * done) + 0.02 * stream.uniform(),
      learningRate: 0.01 * (1 - done) + 1e-5,
    };
  });
  return [...parent, ...own];
}

type ScoreParts = Pick<Scores, 'metric' | 'words' | 'aspect' | 'direction' | 'range' | 'ids' | 'values'>;

/** @param explainer of the maps that were measured, where it is about maps */
function score(parts: ScoreParts & Partial<Scores>, explainer?: ExplainerLabels['explainer']): Scores {
  const of: Label['of'] = explainer ? { attributions: toyLabel(explainerNames[explainer]) } : {};
  const label = toyLabel(parts.metric, of);
  return { label, preset: 'corrected', role: 'primary', sample: 'image', summary: 'mean', ...parts };
}

/** Arms differ where something was done: at level 0 they are one network. */
function armOf({ arm, sparsity }: Labels): string {
  return sparsity === 0 || arm === undefined || arm === 'magnitude' ? '' : arm;
}

function accuracy(images: Split, labels: Labels): Scores {
  const { seed, sparsity } = labels;
  const stream = randomStream(seed, 'accuracy', sparsity, armOf(labels));
  const values = images.ids.map(() => (stream.uniform() < 0.86 - 0.08 * sparsity ? 1 : 0));
  return score({
    metric: 'accuracy',
    words: { name: 'Accuracy', meaning: 'Share of images whose largest logit is their label.', unit: '%' },
    isCorrectness: true,
    // The last class is what a model takes an image for, where it is wrong.
    answers: {
      classes: values.map((value, i) => (value === 1 ? images.labels[i]! : images.classes.length - 1)),
      probabilities: values.map(() => 0.75),
    },
    aspect: 'accuracy',
    direction: 'higher-is-better',
    range: [0, 1],
    ids: images.ids,
    values,
  });
}

function counted({ sparsity }: Labels): Scores {
  const { proof } = modelSummary({ seed: 0, sparsity });
  return score({
    metric: 'kernel-sparsity',
    words: { name: 'Kernel sparsity', meaning: 'Share of zeros.', unit: '%' },
    aspect: 'sparsity',
    direction: 'neither',
    range: [0, 1],
    sample: 'parameter',
    summary: 'last',
    ids: [...proof.kernels.map(({ name }) => name), 'total'],
    values: [...proof.kernels.map(({ total, nonzero }) => 1 - nonzero / total), proof.kernelSparsity],
  });
}

/** Hits of reconstructions, and what they are above those of a null. */
function completeness(images: Split, { seed, sparsity }: Labels): readonly Scores[] {
  const stream = randomStream(seed, 'completeness', sparsity);
  const draw = (share: number) => images.ids.map(() => (stream.uniform() < share ? 1 : 0));
  const [values, nulls] = [draw(0.6), draw(0.2)];
  const metric = 'concept-completeness-accuracy';
  const words = { name: 'Completeness: accuracy', meaning: 'Share of images answered rightly.', unit: '%' };
  const common = { aspect: 'concepts', direction: 'higher-is-better', ids: images.ids } as const;
  const above = values.map((value, i) => value - nulls[i]!);
  return [
    score({ ...common, metric, words, range: [0, 1], values }),
    score({
      ...{ ...common, metric: `${metric}-minus-null`, range: [-1, 1], values: above },
      words: { ...words, name: `${words.name}, minus that of the null` },
      difference: { of: metric, from: 'that of the null' },
    }),
  ];
}

function sparseness(images: Split, labels: ExplainerLabels): Scores {
  const { seed, sparsity, explainer } = labels;
  const stream = randomStream(seed, 'sparseness', sparsity, explainer, armOf(labels));
  const centre = explainer === 'vg/saliency' ? 0.46 - 0.03 * (sparsity - 0.3) ** 2 : 0.6 + 0.02 * sparsity;
  const values = images.ids.map(() => centre + 0.05 * stream.normal());
  const definitions = ['l2', 'max-abs'].map((reduction) => ({
    name: reduction,
    settings: { reduction },
    values: values.map((value) => value - 0.02 + 0.01 * stream.normal()),
  }));
  const settings = { reduction: 'sum-abs' };
  return score(
    {
      metric: 'sparseness',
      words: { name: 'Gini index', meaning: 'Near 1 when a few pixels hold all of a map.' },
      ...{ aspect: 'sparseness', direction: 'neither', range: [0, 1], ids: images.ids, values, definitions, settings },
    },
    explainer,
  );
}

function road(images: Split, labels: ExplainerLabels): Scores {
  const { seed, sparsity, explainer } = labels;
  const stream = randomStream(seed, 'road', sparsity, explainer, armOf(labels));
  const curve = ndArray('n s', [images.ids.length, removed.length]);
  images.ids.forEach((_, i) => {
    const steep = (explainer === 'vg/saliency' ? 0.8 : 2.4) * (1 + 0.3 * sparsity);
    removed.forEach((at, s) => {
      curve.data[i * removed.length + s] = stream.uniform() < 0.3 + 0.7 * Math.exp((-steep * at) / 100) ? 1 : 0;
    });
  });
  const values = images.ids.map((_, i) => {
    const row = curve.data.subarray(i * removed.length, (i + 1) * removed.length);
    return row.reduce((sum, hit) => sum + row[0]! - hit, 0) / removed.length;
  });
  return score(
    {
      metric: 'road-aopc',
      words: { name: 'ROAD AOPC', meaning: 'How much accuracy falls when the most relevant pixels go.' },
      aspect: 'faithfulness',
      direction: 'higher-is-better',
      range: [-0.9, 0.9],
      ids: images.ids,
      values,
      curve: { x: '% of pixels removed', y: 'accuracy', at: removed, values: curve },
    },
    explainer,
  );
}

function attributions(images: Split, { size }: FixtureSizes, labels: ExplainerLabels): Attributions {
  const vanilla = labels.explainer === 'vg/saliency';
  const values = ndArray('n h w c', [images.ids.length, size, size, 3]);
  images.ids.forEach((_, i) => {
    const stream = cheapNormals(randomStream(labels.seed, 'map', labels.sparsity, labels.explainer, i));
    const { x: cx, y: cy, radius } = shapeOf(i);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const squared = ((x / size - cx) ** 2 + (y / size - cy) ** 2) / radius ** 2;
        const weight = 0.12 + Math.exp(-squared * (1 + labels.sparsity));
        const bias = vanilla ? 0 : 0.5 * Math.exp(-squared);
        for (let c = 0; c < 3; c++) {
          values.data[((i * size + y) * size + x) * 3 + c] = weight * (stream() + bias);
        }
      }
    }
  });
  return {
    values,
    reduction: vanilla ? 'sum-abs' : 'abs-sum',
    ids: images.ids,
    classIndex: images.labels,
    method: labels.explainer,
    diagnostics: vanilla ? {} : { delta: images.ids.map(() => 0.001) },
  };
}

/** Roughly normal numbers: sums of four uniform bytes of one draw. */
function cheapNormals(stream: RandomStream): () => number {
  return () => {
    const bits = stream.uint32();
    return ((bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510) / 148;
  };
}

function banks(images: Split, sizes: FixtureSizes, labels: Labels): ConceptBank[] {
  return sizes.classes.map((_, classIndex) => {
    const of = [...images.labels.keys()].filter((i) => images.labels[i] === classIndex);
    const stream = randomStream(labels.seed, 'concepts', labels.sparsity, classIndex);
    const bank = fixtureBank({ ids: of.map((i) => images.ids[i]!), classIndex, stream, sizes });
    const child = fixtureBank({ ids: bank.ids, classIndex, stream, sizes: { ...sizes, conceptsPerClass: 3 } });
    return { ...bank, children: [{ concept: 0, bank: { ...child, layer: 'layer3' } }] };
  });
}

interface BankParts {
  readonly ids: readonly string[];
  readonly classIndex: number;
  readonly stream: RandomStream;
  readonly sizes: FixtureSizes;
}

function fixtureBank({ ids, classIndex, stream, sizes }: BankParts): ConceptBank {
  const concepts = sizes.conceptsPerClass;
  const cropSize = Math.round(sizes.size * 0.3);
  const crops = ids.flatMap((_, image) =>
    Array.from({ length: 9 }, (_, i) => {
      const step = Math.floor((sizes.size - cropSize) / 2);
      return { image, top: Math.floor(i / 3) * step, left: (i % 3) * step, size: cropSize };
    }),
  );
  const filled = <Axes extends string>(axes: Axes, shape: number[], value: (i: number) => number): NdArray<Axes> =>
    ndArray(
      axes,
      shape,
      Float32Array.from({ length: sizeOf(shape) }, (_, i) => value(i)),
    );
  return {
    classIndex,
    layer: 'layer4',
    ids,
    crops,
    dictionary: filled('r d', [concepts, 16], () => stream.uniform()),
    codes: filled('p r', [crops.length, concepts], () => Math.max(0, stream.normal())),
    maps: filled('n h w r', [ids.length, 7, 7, concepts], () => Math.max(0, stream.normal()) ** 2),
    importance: filled('n r', [ids.length, concepts], (i) => (0.4 * (0.5 + stream.uniform())) / (1 + (i % concepts))),
    importanceError: filled('n r', [ids.length, concepts], () => 0.01 + 0.01 * stream.uniform()),
    reconstructionError: 0.31 + 0.05 * stream.uniform(),
    factorisation: { iterations: 180, stop: 'converged' },
    children: [],
  };
}

function fixtureProvenance({ levels, seeds, size }: FixtureSizes): Provenance {
  const text = JSON.stringify(
    { apiVersion: 'study/v1', name: 'resnet18-imagenette', params: { levels, seeds, size } },
    null,
    2,
  );
  return {
    study: { name: 'resnet18-imagenette', digest: digest(text), profile: 'cpu', text },
    params: { levels, seeds, size, epochs: 8 },
    seed: 20250923,
    numerics: { engine: 'tensorflow', version: '2.21.0', inference: 'exact', training: 'fast' },
    plugins: [
      {
        alias: 'magnitude',
        package: '@espalier/pruner-magnitude',
        version: '0.1.0',
        types: [
          {
            type: 'magnitude/prune',
            cacheVersion: '1',
            source: 'Han et al. (2015), Learning both Weights and Connections',
            url: 'https://arxiv.org/abs/1506.02626',
            departures: ['ties keep the lower index'],
          },
        ],
      },
      {
        alias: 'ig',
        package: '@espalier/explainer-ig',
        version: '0.1.0',
        types: [
          {
            type: 'ig/integrated-gradients',
            cacheVersion: '1',
            source: 'Sundararajan et al. (2017), Axiomatic Attribution for Deep Networks',
            url: 'https://arxiv.org/abs/1703.01365',
            diagnostics: { delta: 'what the map misses, in logits', absent: 'what nobody told' },
          },
        ],
      },
    ],
    recipes: [
      {
        name: 'protocol',
        recipe: '@espalier/recipes/prune-and-explain',
        version: '0.1.0',
        digest: digest('recipe'),
        text: '{ "apiVersion": "recipe/v1" }',
      },
    ],
    datasets: { data: digest('imagenette') },
    reportedBefore: 0,
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
