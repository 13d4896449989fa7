import { readFileSync } from 'node:fs';
import { apiVersion, definePlugin, type Explainer, labelOf, type Plugin } from '@espalier/core';
import { networkPasses } from '@espalier/study';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { openStudy } from '../src/index.ts';
import { plugins } from './toy-plugins.ts';
import { nodeOf, runToy, smallStudy, writeStudy } from './toy-study.ts';

/** Twice what another explainer says; by itself, of the images. */
const twice = definePlugin({
  kind: 'explainer',
  name: 'twice',
  title: 'Twice',
  cacheVersion: '1',
  source: { title: 'Test', url: 'https://example.org', departures: [] },
  asksExplainer: ['bias'],
  options: z.strictObject({ bias: z.number().default(0).describe('added to images') }),
  passes: (_, { explainer }) => ({ gradient: 2 * (explainer?.gradient ?? 1) }),
  create({ bias }) {
    const over = (other: Explainer): Explainer => ({
      reduction: other.reduction,
      async explain(...asked) {
        const { values } = await other.explain(...asked);
        return { values: { ...values, data: values.data.map((value) => 2 * value) }, diagnostics: {} };
      },
    });
    const own: Explainer = {
      reduction: 'sum',
      explain: async (_, images) => ({
        values: { ...images, data: images.data.map((value) => value + bias) },
        diagnostics: {},
      }),
    };
    return { ...over(own), over };
  },
});

/** What plans ask to know how often a network is asked: of gradients three times. */
const told: Readonly<Record<string, Partial<Plugin>>> = {
  noise: { dataOutline: () => ({ height: 8, width: 8, classes: ['a', 'b', 'c'] }) },
  gradient: { passes: () => ({ gradient: 3 }) },
};
const counted = plugins.map((plugin) => ({ ...plugin, ...told[plugin.name] }));

const packages = new Map([
  ['toy-plugins', { apiVersion, plugins: counted }],
  ['more', { apiVersion, plugins: [twice] }],
]);

/** `twice` over `again`, which is `twice` over the gradients. */
function study(withOptions: object = {}) {
  return smallStudy((written) => {
    Object.assign(written.plugins as object, { more: 'more' });
    Object.assign(nodeOf(written, 'attr'), { use: 'toy/gradient', matrix: {} });
    const over = (node: string) => ({
      model: { $from: 'prune.model' },
      images: { $from: 'data.eval' },
      explainer: { $from: `${node}.explainer` },
    });
    Object.assign(written.nodes as object, {
      once: { use: 'more/twice', in: over('attr') },
      smooth: { use: 'more/twice', in: over('once'), with: withOptions },
      massOf: { use: 'toy/mass', in: { attributions: { $from: 'smooth.attributions' } } },
      askedAgain: {
        use: 'toy/again',
        in: {
          model: { $from: 'prune.model' },
          images: { $from: 'data.eval' },
          explainer: { $from: 'smooth.explainer' },
        },
      },
    });
    const report = nodeOf(written, 'report');
    const scores = ['mass', 'massOf', 'askedAgain'].map((node) => ({ $from: `${node}.scores` }));
    Object.assign(report, { in: { ...(report.in as object), scores }, gather: ['sparsity', 'seed'] });
  });
}

test('an explainer asks the one that is connected, and is asked again over the same one when it comes from the store', async () => {
  const { outputs, failures } = await runToy(temporaryFolder(), study(), { packages });
  expect([...failures]).toEqual([]);
  const lines = readFileSync(outputs[0]!, 'utf8').split('\n');
  /** The scores of a node by what stands behind its name: the model's level. */
  const of = (node: string) =>
    new Map(
      lines.flatMap((line) => {
        const [, at, values] = line.match(`^${node}\\[(.*)\\] \\w+ (.*)$`) ?? [];
        return at === undefined ? [] : [[at, JSON.parse(values!) as number[]] as const];
      }),
    );
  const [own, over, again] = [of('mass'), of('massOf'), of('askedAgain')];
  expect(own.size).toBe(2);
  expect(again).toEqual(over);
  for (const [at, values] of own)
    for (const [i, value] of values.entries()) expect(over.get(at)![i]).toBeCloseTo(4 * value, 5);
});

test('labels call an explainer by the one that it asks', () => {
  const own = labelOf(twice, { bias: 0 });
  expect(own).toMatchObject({ name: 'Twice', settings: { bias: 0 } });
  const over = labelOf(twice, { bias: 0 }, { explainer: own });
  expect(over).toMatchObject({ name: 'Twice of Twice', settings: {} });
});

test('a plan counts what the explainer asks that is asked', async () => {
  const file = writeStudy(temporaryFolder(), study());
  await using opened = await openStudy({ file, packages });
  const gradientsOf = (node: string) =>
    networkPasses(opened.plan, (instance) => instance.node === node).networks.map(({ gradient }) => gradient);
  const levels = 2;
  expect([gradientsOf('attr'), gradientsOf('once'), gradientsOf('smooth')]).toEqual([
    [levels * 3],
    [levels * 2 * 3],
    [levels * 2 * 2 * 3],
  ]);
});

test('an option about what it asks by itself is refused where another is asked', async () => {
  const file = writeStudy(temporaryFolder(), study({ bias: 1 }));
  await expect(openStudy({ file, packages })).rejects.toThrow(
    /"bias" is about what more\/twice asks by itself; here it asks the explainer on its input "explainer". Leave it out./,
  );
});
