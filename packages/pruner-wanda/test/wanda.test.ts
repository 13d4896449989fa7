import { createFrom, type Model, ndArray, type PruneContext, plainServices } from '@espalier/core';
import { describePruner, toyModel, toySample } from '@espalier/core/testing';
import { nm, wanda } from '@espalier/pruner-wanda';
import { describe, expect, test } from 'vitest';

const context: PruneContext = { sample: toySample };

for (const scope of ['row', 'layerwise', 'global'])
  describePruner(`Wanda, ${scope}`, (sparsity) => createFrom(wanda, { sparsity, scope }, plainServices()), context);
describePruner(
  'Wanda, N:M',
  (sparsity) => createFrom(nm, { kept: Math.round(3 - 3 * sparsity), group: 3 }, plainServices()),
  context,
  [1 - 2 / 3, 1 - 1 / 3],
);

const pruned = async (model: Model, options: object, given: PruneContext = context, lines: string[] = []) => {
  const pruner = await createFrom(wanda, options, plainServices({ log: (line) => lines.push(line) }));
  const masks = await pruner.mask(model, given);
  return Object.fromEntries([...masks].map(([name, mask]) => [name, [...mask]]));
};

describe('worked by hand:', () => {
  // Scores 4 3 2 1 and 5 20 3 2; root mean squares 4, 3, 1, 1 in both rows.
  const model = () => modelWith({ shape: [2, 4], values: [1, -1, 2, 1, 1.25, 20 / 3, 3, -2], squares: [16, 9, 1, 1] });

  test('each output loses its own smallest, whatever the others have', async () => {
    expect(await pruned(model(), { sparsity: 0.5 })).toEqual({ a: [1, 1, 0, 0, 1, 1, 0, 0] });
  });

  test('in the scope of a layer outputs are compared, too', async () => {
    expect(await pruned(model(), { sparsity: 0.25, scope: 'layerwise' })).toEqual({ a: [1, 1, 0, 0, 1, 1, 1, 1] });
  });

  test('what does not go evenly goes from the first outputs, and all together are exact', async () => {
    expect(await pruned(model(), { sparsity: 3 / 8 })).toEqual({ a: [1, 1, 0, 0, 1, 1, 1, 0] });
  });

  test('what was removed counts for its own output', async () => {
    const before = { ...model(), masks: new Map([['a', Uint8Array.of(0, 0, 0, 1, 1, 1, 1, 1)]]) };
    expect(await pruned(before, { sparsity: 0.5 })).toEqual({ a: [0, 0, 0, 1, 1, 1, 1, 0] });
  });

  test('where a file keeps inputs first, outputs are columns', async () => {
    const values = [1, 1.25, -1, 20 / 3, 2, 3, 1, -2];
    const columns = modelWith({ shape: [4, 2], values, squares: [16, 9, 1, 1], outputAxis: 1 });
    expect(await pruned(columns, { sparsity: 0.5 })).toEqual({ a: [1, 1, 1, 1, 0, 0, 0, 0] });
  });

  test('2:4 by the same scores', async () => {
    const masks = await (await createFrom(nm, {}, plainServices())).mask(model(), context);
    expect([...masks.get('a')!]).toEqual([1, 1, 0, 0, 1, 1, 0, 0]);
  });
});

test('the toy’s weights that go are those of a slow twin, weight by weight', async () => {
  const model = toyModel();
  const { images } = await toySample();
  const features = await model.activations(images, 'features');
  const squares = { 'conv.weight': [] as number[], 'fc.weight': [] as number[] };
  for (let i = 0; i < 12; i++) {
    const [c, y, x] = [Math.floor(i / 4), Math.floor(i / 2) % 2, i % 2];
    const seen = [...images.data].filter((_, at) => {
      const [row, column] = [Math.floor(at / 24) % 8, Math.floor(at / 3) % 8];
      return row % 2 === y && column % 2 === x && at % 3 === c;
    });
    squares['conv.weight'].push(seen.reduce((sum, value) => sum + value * value, 0));
  }
  for (let d = 0; d < 5; d++) {
    const means = [0, 1, 2, 3, 4, 5].map((n) =>
      features.data.subarray(n * 80, (n + 1) * 80).reduce((sum, value, at) => sum + (at % 5 === d ? value / 16 : 0), 0),
    );
    squares['fc.weight'].push(means.reduce((sum, value) => sum + value * value, 0));
  }
  const masks = await pruned(model, { sparsity: 0.4 });
  for (const [name, rows] of [
    ['conv.weight', 5],
    ['fc.weight', 3],
  ] as const) {
    const { data } = (await model.weights()).get(name)!;
    const length = data.length / rows;
    const counts = name === 'fc.weight' ? [2, 2, 2] : [5, 5, 5, 5, 4]; // 24 of 60, 6 of 15
    for (let row = 0; row < rows; row++) {
      const scores = Array.from({ length }, (_, j) => Math.abs(data[row * length + j]!) * Math.sqrt(squares[name][j]!));
      const order = [...scores.keys()].sort((a, b) => scores[a]! - scores[b]!).slice(0, counts[row]!);
      const gone = [...scores.keys()].filter((j) => masks[name]![row * length + j] === 0);
      expect(gone, `${name}, row ${row}`).toEqual(order.sort((a, b) => a - b));
    }
  }
});

test('labels do not matter, images do', async () => {
  const { images } = await toySample();
  const other = { ...images, data: images.data.map((value, i) => (i % 3 === 0 ? value / 50 : value)) };
  const given = (sample: typeof images, label: number): PruneContext => ({
    sample: async () => ({ images: sample, labels: Array(6).fill(label) }),
  });
  expect(await pruned(toyModel(), { sparsity: 0.5 }, given(images, 1))).toEqual(
    await pruned(toyModel(), { sparsity: 0.5 }),
  );
  expect(await pruned(toyModel(), { sparsity: 0.5 }, given(other, 1))).not.toEqual(
    await pruned(toyModel(), { sparsity: 0.5 }),
  );
});

test('without images it is refused, and says what to connect', async () => {
  await expect(pruned(toyModel(), { sparsity: 0.5 }, {})).rejects.toMatchObject({
    code: 'core/images-missing',
    message:
      'Wanda weighs weights by what they are multiplied with on images; found no sample. Connect its input "data" to images, for example to data.train.',
  });
});

test('a kernel that loses all its weights is reported', async () => {
  const lines: string[] = [];
  const dead = modelWith({ shape: [2, 4], values: Array(8).fill(1), squares: [0, 0, 0, 0] });
  const two: Model = {
    ...dead,
    parameters: [...dead.parameters, { name: 'b', role: 'kernel', shape: [2, 4] }],
    weights: async () => new Map([...(await dead.weights()), ['b', (await dead.weights()).get('a')!]]),
    inputSquares: async (images) => {
      const own = (await dead.inputSquares(images)).get('a')!;
      return new Map([
        ['a', own],
        ['b', { ...own, data: own.data.map(() => 1) }],
      ]);
    },
  };
  await pruned(two, { sparsity: 0.5, scope: 'global' }, context, lines);
  expect(lines).toEqual(['a loses all its weights at sparsity 0.5']);
});

interface Kernel {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  /** Of each input. */
  readonly squares: readonly number[];
  readonly outputAxis?: 0 | 1;
}

function modelWith({ values, squares, ...info }: Kernel): Model {
  const array = (numbers: readonly number[]) =>
    new Map([['a', ndArray('o i', info.shape, Float32Array.from(numbers))]]);
  const ofInput = (at: number) =>
    squares[info.outputAxis === 1 ? Math.floor(at / info.shape[1]!) : at % info.shape[1]!]!;
  return {
    ...toyModel(),
    parameters: [{ name: 'a', role: 'kernel', ...info }],
    weights: async () => array(values),
    inputSquares: async () => array(values.map((_, at) => ofInput(at))),
  };
}
