import { apiVersion, imagesIn, type ModelUse, type Plugin, StudyError } from '@espalier/core';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { outputTo } from '../src/command-line/commands/output.ts';
import { planCommand } from '../src/command-line/commands/plan.ts';
import { thisMachine } from '../src/workers/machine.ts';
import { plugins } from './toy-plugins.ts';
import { nodeOf, smallStudy, toyStudy, writeStudy } from './toy-study.ts';

type Study = Record<string, unknown>;

/** The toy plugins, those that are named in `changes` with more members. */
function toysWith(changes: Readonly<Record<string, Partial<Plugin>>>): ReadonlyMap<string, unknown> {
  const changed = plugins.map((plugin) => ({ ...plugin, ...changes[plugin.name] }));
  return new Map([['toy-plugins', { apiVersion, plugins: changed }]]);
}

/** What `plan` prints. */
async function printed(
  study: Study,
  packages: ReadonlyMap<string, unknown>,
  json = false,
  time = false,
): Promise<string> {
  let told = '';
  const write = (text: string): void => {
    told += text;
  };
  const output = outputTo({ isTerminal: false, columns: 80, write, writeError: write });
  const file = writeStudy(temporaryFolder(), study);
  expect(await planCommand({ file, packages }, { json, time }, output)).toBe(0);
  return told;
}

/** The lines on memory, by node. */
function memoryLines(told: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  let node = '';
  for (const line of told.split('\n')) {
    node = /^ {2}(\w+) .* to run,/.exec(line)?.[1] ?? node;
    if (line.includes('of memory')) found[node] = line.trim();
  }
  return found;
}

const imageSize = () => ({ height: 8, width: 8 });
const gibibyte = 2 ** 30;

test('plan says what an instance of each node wants of memory, by what it is used for', async () => {
  const asked: ModelUse[] = [];
  const memory = (_: unknown, use: ModelUse): number => {
    asked.push(use);
    return (use.training ? 3 : 1) * gibibyte - 380 * 2 ** 20; // what Node and an engine take is not the plugin's
  };
  const told = await printed(smallStudy(), toysWith({ noise: { imageSize }, tiny: { memory } }));
  const trains = 'wants about 3.0 GiB of memory for one instance';
  const evaluates = 'wants about 1.0 GiB of memory for one instance';
  expect(memoryLines(told)).toMatchObject({ dense: trains, prune: trains, attr: evaluates, nonzero: evaluates });
  expect(memoryLines(told)).not.toHaveProperty('data');
  expect(asked).toContainEqual({ height: 8, width: 8, training: { batchSize: 3, slots: 1 } });
  expect(asked).toContainEqual({ height: 8, width: 8 });
});

test('plan asks a model once what its network is, however many seeds there are', async () => {
  let asked = 0;
  const modelOutline = () => {
    asked++;
    return { layers: [], kernels: ['kernel'] };
  };
  const memory = () => {
    asked++;
    return gibibyte;
  };
  const seeds = (count: number) =>
    smallStudy((study) => Object.assign(study.params as object, { seeds: Array.from({ length: count }, (_, i) => i) }));
  const askedFor = async (count: number): Promise<number> => {
    asked = 0;
    await printed(seeds(count), toysWith({ noise: { imageSize }, tiny: { memory, modelOutline } }));
    return asked;
  };
  const once = await askedFor(1);
  expect(once).toBeGreaterThanOrEqual(2);
  expect(await askedFor(20)).toBe(once);
});

test('plan warns of what this machine does not have, and says what would help', async () => {
  const bytes = 2 * thisMachine().memoryBytes;
  const told = await printed(smallStudy(), toysWith({ noise: { imageSize }, tiny: { memory: () => bytes } }));
  expect(memoryLines(told).dense).toMatch(
    /^WARNING: wants about [\d.]+ [GT]iB of memory for one instance; this machine has [\d.]+ [GT]iB\. Lower the width, the size of images or "batchSize", or run it elsewhere$/,
  );
  const json = JSON.parse(
    await printed(smallStudy(), toysWith({ noise: { imageSize }, tiny: { memory: () => bytes } }), true),
  );
  const dense = json.instances.find(({ id }: { id: string }) => id.startsWith('dense'));
  expect(dense.memoryBytes).toBe(bytes + 380 * 2 ** 20);
});

test('plan says nothing of memory where no plugin does', async () => {
  expect(memoryLines(await printed(smallStudy(), toysWith({ noise: { imageSize } })))).toEqual({});
  expect(memoryLines(await printed(smallStudy(), toysWith({ tiny: { memory: () => gibibyte } })))).toEqual({});
});

/** One network, given, pruned and explained under two seeds: nothing trains. */
function untrained(): Study {
  const study = toyStudy();
  const { nodes } = study as { nodes: Record<string, Study> };
  delete nodes.dense;
  Object.assign(nodeOf(study, 'prune'), {
    in: { model: { $from: 'network.model' } },
    with: { sparsity: { $axis: 'sparsity' } },
  });
  return study;
}

const notes = (told: string): readonly string[] =>
  told.split('\n').flatMap((line) => /^ {2}Note: (.*)$/.exec(line)?.[1] ?? []);

const nothing = { drawsNothing: () => true };
const note =
  'The axis "seed" labels one network 2 times (network, prune): nothing that makes it is drawn at random, trained or set by the ' +
  'label. Such labels count once, and say nothing of how training varies. Train under the axis, or take it away.';

test('plan says where seeds give one network', async () => {
  expect(notes(await printed(untrained(), toysWith({ tiny: nothing, first: nothing })))).toEqual([note]);
  const json = JSON.parse(await printed(untrained(), toysWith({ tiny: nothing, first: nothing }), true));
  expect(json.notes).toEqual([note]);
});

test('plan says no such thing where weights, masks or training are drawn, or the label sets an option', async () => {
  expect(notes(await printed(untrained(), toysWith({ first: nothing })))).toEqual([]); // weights
  expect(notes(await printed(untrained(), toysWith({ tiny: nothing })))).toEqual([]); // masks
  expect(notes(await printed(toyStudy(), toysWith({ tiny: nothing, first: nothing })))).toEqual([]); // training
  const finetuned = untrained();
  Object.assign(nodeOf(finetuned, 'prune').in as Study, { data: { $from: 'data.train' } });
  Object.assign(nodeOf(finetuned, 'prune').with as Study, { finetune: { epochs: 1, batchSize: 3 } });
  expect(notes(await printed(finetuned, toysWith({ tiny: nothing, first: nothing })))).toEqual([]);
  const set = untrained();
  Object.assign(nodeOf(set, 'prune').with as Study, { kernel: { $axis: 'seed' } });
  expect(notes(await printed(set, toysWith({ tiny: nothing, first: nothing })))).toEqual([]);
});

test('plan says no such thing of two networks that each have their own label', async () => {
  const study = untrained();
  const { nodes } = study as { nodes: Record<string, Study> };
  Object.assign(nodeOf(study, 'network'), { matrix: { seed: [0] } });
  nodes.other = { ...nodes.network, matrix: { seed: [1] } };
  expect(notes(await printed(study, toysWith({ tiny: nothing, first: nothing })))).toEqual([]);
});

test('plan passes on what a plugin notes, once, and tells a reporter the axes of its models', async () => {
  const told: unknown[] = [];
  const list: Partial<Plugin> = {
    notes: (_, { modelAxes }) => {
      told.push(modelAxes);
      return ['Models differ on an axis.', 'Models differ on an axis.'];
    },
  };
  expect(notes(await printed(toyStudy(), toysWith({ list })))).toEqual(['Models differ on an axis.']);
  expect(told).toEqual([{ seed: [0, 1], sparsity: [0, 0.25, 0.5] }]);
});

const classes = ['class 0', 'class 1', 'class 2'];
const dataOutline = () => ({
  height: 8,
  width: 8,
  classes,
  mostPerClass: { train: [3, 2, 2], tune: [0, 0, 0], val: [2, 2, 2] },
});
const counting = {
  gradient: { passes: ((_, { images }) => ({ gradient: 3 * imagesIn(images)! })) satisfies Plugin['passes'] },
  nonzero: { passes: ((_, { images }) => ({ forward: imagesIn(images) })) satisfies Plugin['passes'] },
};

test('plan --time adds up what would run of each network, at the speed that it has here', async () => {
  const toys = toysWith({ noise: { dataOutline }, ...counting });
  const { time } = JSON.parse(await printed(smallStudy(), toys, true, true));
  // Two epochs and one more of 7 images; dense and pruned, 6 images predicted once and explained by 3 gradients.
  const counts = { training: 3 * 7, forward: 2 * 6, gradient: 2 * 3 * 6 };
  expect(time).toMatchObject({ ...counts, engines: ['toy'], uncounted: ['attr'], problems: [] });
  expect(time.ms).toBeGreaterThan(0);
  const told = await printed(smallStudy(), toys, false, true);
  expect(told).toMatch(
    /^Time: about 1s in the network \(training on 21 images, 12 predictions, 36 gradients\), at its speed on this machine now with toy\.$/m,
  );
  expect(told).toContain('and what these ask of it: attr.');
  expect(await printed(smallStudy(), toys)).not.toContain('Time:');
});

test('plan --time says where it knows nothing: no images, or a network that cannot be made', async () => {
  expect(await printed(smallStudy(), toysWith(counting), false, true)).toContain('Time: not known');
  const create = () => {
    throw new StudyError('core/not-supported', 'No such engine.');
  };
  const told = await printed(
    smallStudy(),
    toysWith({ noise: { dataOutline }, ...counting, tiny: { create } }),
    false,
    true,
  );
  expect(told).toContain('Time: not known');
  expect(told).toContain('toy/tiny could not be measured: No such engine.');
});
