/** The files of a new plugin that depend on its port. Each starts as a small method that works and keeps the laws. */
export interface Template {
  readonly description: string;
  readonly source: (name: string, symbol: string) => string;
  readonly test: (name: string, symbol: string, folder: string) => string;
  readonly readme: (name: string, folder: string) => string;
}

const head = (
  kind: string,
  name: string,
  symbol: string,
  imports: string,
  more = '',
): string => `import { ${imports} } from '@espalier/core';
import * as z from 'zod';

/**
 * Say in one sentence what ${name} does.
 *
 * @example "${kind}": { "use": "mine/${name}", "in": { "model": … } }
 */
export const ${symbol} = definePlugin({
  kind: '${kind}',
  name: '${name}',
  cacheVersion: '1',${more}
  source: {
    title: 'Authors (year), Title of the paper that defines ${name}',
    url: 'https://example.org/the-paper',
    departures: ['say here where this code departs from the paper'],
  },`;

/** What people call the method, from its name. */
const titled = (name: string): string =>
  `\n  title: '${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}',`;

/** @param options the table that `npm run readmes` writes */
const readme = (kind: string, alias: string, options: string) => (name: string, folder: string) =>
  `# @espalier/${folder}

Say in one sentence what \`${name}\` does.

\`\`\`jsonc
"plugins": { "${alias}": "@espalier/${folder}" },
"nodes": { "${kind}": { "use": "${alias}/${name}" } }
\`\`\`

<!-- options of ${name} -->

${options}

<!-- end of options -->

Source: name the paper. Departures: say where the code departs from it. Limits: say what it cannot do.
`;

const pruner: Template = {
  description: 'A pruner for Espalier.',
  source: (name, symbol) => `${head('pruner', name, symbol, 'definePlugin')}
  options: z.strictObject({
    sparsity: z.number().min(0).lt(1).describe('fraction of each kernel removed, in [0, 1)'),
  }),
  create: ({ sparsity }) => ({
    sparsity,
    async mask(model) {
      const kernels = model.parameters.filter(({ role }) => role === 'kernel');
      const weights = await model.weights();
      return new Map(
        kernels.map(({ name }) => {
          const values = weights.get(name)!.data;
          return [name, keepHighest(values, model.masks.get(name), Math.round(sparsity * values.length))] as const;
        }),
      );
    },
  }),
});

/**
 * Removes \`removeCount\` values in all: first those already removed, then those of lowest score; ties go to the lower index.
 *
 * @returns one byte per value: 1 keeps, 0 removes
 */
export function keepHighest(values: Float32Array, held: Uint8Array | undefined, removeCount: number): Uint8Array {
  const score = Float64Array.from(values, (value, i) => (held?.[i] === 0 ? -1 : Math.abs(value)));
  const order = Uint32Array.from(values.keys()).sort((i, j) => score[i]! - score[j]! || i - j);
  const keep = new Uint8Array(values.length).fill(1);
  for (const index of order.subarray(0, removeCount)) keep[index] = 0;
  return keep;
}
`,
  test: (name, symbol, folder) => `import { createFrom, plainServices } from '@espalier/core';
import { describeLabels, describePruner } from '@espalier/core/testing';
import { plugins } from '@espalier/${folder}';
import { expect, test } from 'vitest';
import { keepHighest } from '../src/${name}.ts';

const [${symbol}] = plugins;

describePruner('${name}', (sparsity) => createFrom(${symbol}, { sparsity }, plainServices()));

// Each option is changed in turn: what changes a result must stand in the label beside it.
describeLabels(${symbol}, { bases: [{ sparsity: 0.5 }] });

test('worked by hand: the lowest go first, of equals the first, and removed values stay removed', () => {
  const values = Float32Array.of(0.5, -2, 0.5, 3);
  expect([...keepHighest(values, undefined, 1)]).toEqual([0, 1, 1, 1]);
  expect([...keepHighest(values, Uint8Array.of(1, 1, 1, 0), 2)]).toEqual([0, 1, 1, 0]);
});

test('a misspelt option is refused, not defaulted', async () => {
  await expect(createFrom(${symbol}, { spasity: 0.9 }, plainServices())).rejects.toThrow(/Unrecognized key: "spasity"/);
});
`,
  readme: readme(
    'prune',
    'mine',
    [
      '| Option     | Values           | Default  | Meaning                                    |',
      '| ---------- | ---------------- | -------- | ------------------------------------------ |',
      '| `sparsity` | number in [0, 1) | required | fraction of each kernel removed, in [0, 1) |',
    ].join('\n'),
  ),
};

const explainer: Template = {
  description: 'An explainer for Espalier.',
  source: (name, symbol) => `${head('explainer', name, symbol, 'definePlugin, type NdArray, ndArray', titled(name))}
  options: z.strictObject({
    times: z.enum(['nothing', 'input']).default('input').describe('what the gradient is multiplied with'),
  }),
  create: ({ times }) => ({
    reduction: 'sum',
    async explain(model, images, classIndex) {
      const gradient = await model.inputGradient(images, classIndex);
      return { values: times === 'input' ? product(gradient, images) : gradient, diagnostics: {} };
    },
  }),
});

/** The product of two arrays of one shape, value by value. */
export function product(a: NdArray<'n h w c'>, b: NdArray<'n h w c'>): NdArray<'n h w c'> {
  return ndArray('n h w c', a.shape, a.data.map((value, i) => value * b.data[i]!));
}
`,
  test: (name, symbol, folder) => `import { createFrom, ndArray, plainServices } from '@espalier/core';
import { describeExplainer, describeLabels } from '@espalier/core/testing';
import { plugins } from '@espalier/${folder}';
import { expect, test } from 'vitest';
import { product } from '../src/${name}.ts';

const [${symbol}] = plugins;

describeExplainer('${name}', (services) => createFrom(${symbol}, {}, services));

// Each option is changed in turn: what changes a result must stand in the label beside it.
describeLabels(${symbol});

test('worked by hand: a product, value by value', () => {
  const array = (...values: readonly number[]) => ndArray('n h w c', [1, 1, 1, 3], Float32Array.from(values));
  expect(product(array(1, -2, 3), array(4, 5, 0))).toEqual(array(4, -10, 0));
});

test('a misspelt option is refused, not defaulted', async () => {
  await expect(createFrom(${symbol}, { tmes: 'input' }, plainServices())).rejects.toThrow(/Unrecognized key: "tmes"/);
});
`,
  readme: readme(
    'attributions',
    'mine',
    [
      '| Option  | Values             | Default | Meaning                              |',
      '| ------- | ------------------ | ------- | ------------------------------------ |',
      '| `times` | `nothing`, `input` | `input` | what the gradient is multiplied with |',
    ].join('\n'),
  ),
};

const stochasticImports = 'definePlugin, type NdArray, ndArray, type RandomStream, sampleStreams';

/** An explainer that draws noise, as noise must be drawn so that it does not tell the arms of a study apart. */
export const stochasticExplainer: Template = {
  description: 'A stochastic explainer for Espalier.',
  source: (
    name,
    symbol,
  ) => `${head('explainer', name, symbol, stochasticImports, `${titled(name)}\n  usesSeed: 'paired',`)}
  options: z.strictObject({
    draws: z.int().min(1).max(1000).default(8).describe('noisy copies of each image that the gradient is averaged over'),
    deviation: z.number().positive().max(1).default(0.1).describe('standard deviation of the noise, of pixels in [0, 1]'),
  }),
  create: ({ draws, deviation }, { pairedSeed, signal }) => ({
    reduction: 'sum-abs',
    async explain(model, images, classIndex, _told, ids) {
      // By sample id, from the seed of all arms: an image gets the same noise in every arm, batch and order.
      const streams = sampleStreams(pairedSeed, ids, classIndex.length, '${name}');
      const sums = new Float64Array(images.data.length);
      for (let draw = 0; draw < draws; draw++) {
        signal.throwIfAborted();
        const gradient = await model.inputGradient(withNoise(images, deviation, streams), classIndex);
        for (const [i, slope] of gradient.data.entries()) sums[i]! += slope;
      }
      const values = ndArray('n h w c', images.shape, Float32Array.from(sums, (sum) => sum / draws));
      return { values, diagnostics: {} };
    },
  }),
});

/** Images with normal noise of standard deviation \`deviation\`; each image draws from its own stream. */
export function withNoise(
  images: NdArray<'n h w c'>,
  deviation: number,
  streams: readonly Pick<RandomStream, 'normal'>[],
): NdArray<'n h w c'> {
  const size = images.data.length / streams.length;
  const noisy = images.data.map((value, i) => value + deviation * streams[Math.floor(i / size)]!.normal());
  return ndArray('n h w c', images.shape, noisy);
}
`,
  test: (name, symbol, folder) => `import { createFrom, ndArray, plainServices } from '@espalier/core';
import { describeExplainer, describeLabels } from '@espalier/core/testing';
import { plugins } from '@espalier/${folder}';
import { expect, test } from 'vitest';
import { withNoise } from '../src/${name}.ts';

const [${symbol}] = plugins;

// The services that the laws give are handed on: they come from several arms of a study.
describeExplainer('${name}', (services) => createFrom(${symbol}, {}, services));

// Each option is changed in turn: what changes a result must stand in the label beside it.
describeLabels(${symbol});

test('worked by hand: each image gets the noise of its own stream', () => {
  const images = ndArray('n h w c', [2, 1, 1, 2], Float32Array.of(1, 2, 3, 4));
  const streams = [2, -4].map((value) => ({ normal: () => value }));
  expect([...withNoise(images, 0.5, streams).data]).toEqual([2, 3, 1, 2]);
});

test('a misspelt option is refused, not defaulted', async () => {
  await expect(createFrom(${symbol}, { drws: 3 }, plainServices())).rejects.toThrow(/Unrecognized key: "drws"/);
});
`,
  readme: readme(
    'attributions',
    'mine',
    [
      '| Option      | Values                    | Default | Meaning                                                       |',
      '| ----------- | ------------------------- | ------- | ------------------------------------------------------------- |',
      '| `draws`     | whole number in [1, 1000] | `8`     | noisy copies of each image that the gradient is averaged over |',
      '| `deviation` | number in (0, 1]          | `0.1`   | standard deviation of the noise, of pixels in [0, 1]          |',
    ].join('\n'),
  ),
};

export const kindTemplates = { pruner, explainer } satisfies Readonly<Record<string, Template>>;
