import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { openStudy, runStudy } from '@espalier/runner';
import { expect, onTestFinished, test } from 'vitest';

// Concepts by examples through a study: what the plan asks for and refuses, and what a run gives on three networks.

const names = [
  'concepts-craft',
  'concepts-tcav',
  'data-planted',
  'metrics-concepts',
  'model-mobilenet',
  'model-resnet',
  'model-vit',
];
const packages = new Map<string, unknown>();
for (const name of names) packages.set(`@espalier/${name}`, await import(`@espalier/${name}`));

const small = { size: 32, valPerClass: 3, evalPerClass: 2 };

function nodes(): Record<string, Record<string, unknown>> {
  const concepts = { $from: 'concepts.concepts' };
  return {
    data: { use: 'data/planted', with: { ...small, trainPerClass: 2 } },
    shown: { use: 'data/planted', with: { ...small, trainPerClass: 10, tuneFraction: 0, seed: 5 } },
    random: { use: 'data/planted', with: { ...small, trainPerClass: 2, tuneFraction: 0, seed: 6, distractors: 0 } },
    network: {
      use: { $axis: 'network' },
      in: { data: { $from: 'data.train' } },
      matrix: {
        network: [
          { use: 'resnet/resnet18', with: { width: 4 } },
          { use: 'mobilenet/mobilenet-v2', with: { widthMultiplier: 0.1 } },
          'vit/vit-mini-8',
        ],
      },
    },
    concepts: {
      use: 'tcav/tcav',
      with: { draws: 3, patch: 1, classes: [0, 1] },
      in: {
        model: { $from: 'network.model' },
        images: { $from: 'data.eval' },
        examples: { $from: 'shown.train' },
        counterparts: { $from: 'random.train' },
      },
    },
    scores: { use: 'tcav/sensitivity', in: { images: { $from: 'data.eval' }, concepts } },
  };
}

function written(change: (all: ReturnType<typeof nodes>) => void = () => {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-tcav-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const all = nodes();
  change(all);
  const aliases = { craft: 'concepts-craft', tcav: 'concepts-tcav', data: 'data-planted', quality: 'metrics-concepts' };
  const models = { mobilenet: 'model-mobilenet', resnet: 'model-resnet', vit: 'model-vit' };
  const plugins = Object.fromEntries(
    Object.entries({ ...aliases, ...models }).map(([key, name]) => [key, `@espalier/${name}`]),
  );
  const study = {
    apiVersion: 'study/v1',
    name: 'shown',
    seed: 1,
    plugins,
    nodes: all,
    outputs: { scores: { $from: 'scores.scores' } },
  };
  const file = join(folder, 'study.json');
  writeFileSync(file, JSON.stringify(study));
  return file;
}

test('three networks have a score of every class and concept, or it is said why not', async () => {
  const result = await runStudy({ file: written(), packages, compute: { engine: 'wasm' } });
  expect([...result.failures]).toEqual([]);
  expect(result.outputs).toHaveLength(3);
  for (const path of result.outputs) {
    const [score, , , accuracy] = JSON.parse(readFileSync(path, 'utf8'));
    const lost = (score.omitted ?? []).flatMap(({ ids }: { readonly ids: readonly string[] }) => ids);
    expect(accuracy.ids).toHaveLength(20);
    expect([...score.ids, ...lost].toSorted()).toEqual([...accuracy.ids].toSorted());
    expect(score.draws?.values ?? []).toHaveLength(score.ids.length > 0 ? 3 : 0);
  }
});

const refused: readonly (readonly [string, (all: ReturnType<typeof nodes>) => void, string])[] = [
  [
    'no examples',
    (all) => void delete (all.concepts!.in as Record<string, unknown>).examples,
    'tcav/tcav needs its input "examples" connected to images',
  ],
  [
    'too few examples',
    (all) => Object.assign(all.shown!.with as object, { trainPerClass: 5 }),
    'TCAV needs 6 examples of the concept ',
  ],
  [
    'too few counterparts',
    (all) => Object.assign(all.random!.with as object, { trainPerClass: 1 }),
    'TCAV needs 20 counterparts, twice as many as examples of a concept',
  ],
  [
    'examples of another size',
    (all) => Object.assign(all.shown!.with as object, { size: 48 }),
    'tcav/tcav needs images of 32 x 32 pixels on its input "examples", as on "images"; found 48 x 48. Give both datasets the same size.',
  ],
  [
    'directions that are asked to rebuild',
    (all) => {
      const concepts = { $from: 'concepts.concepts' };
      const given = { model: { $from: 'network.model' }, images: { $from: 'data.eval' }, concepts };
      all.rebuilt = { use: 'quality/reconstruction', in: given };
    },
    'quality/reconstruction needs concepts that rebuild the activations; those on the input "concepts" are directions that each stand by themselves.',
  ],
  [
    'scores of concepts that were found',
    (all) => {
      all.found = {
        use: 'craft/craft',
        with: { concepts: 2 },
        in: { model: { $from: 'network.model' }, images: { $from: 'data.val' } },
      };
      all.scores = {
        use: 'tcav/sensitivity',
        in: { images: { $from: 'data.val' }, concepts: { $from: 'found.concepts' } },
      };
    },
    'tcav/sensitivity needs concepts that have names; those on the input "concepts" are concepts without names.',
  ],
];

test.each(refused)('the plan refuses %s', async (_, change, text) => {
  const error: unknown = await openStudy({ file: written(change), packages }).then(
    async (opened) => void (await opened[Symbol.asyncDispose]()),
    (reason) => reason,
  );
  expect(StudyError.is(error) && error.message).toContain(text);
});
