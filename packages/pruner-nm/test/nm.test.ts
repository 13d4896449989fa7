import { createFrom, type Model, ndArray, plainServices } from '@espalier/core';
import { describePruner, toyModel } from '@espalier/core/testing';
import { nm } from '@espalier/pruner-nm';
import { describe, expect, test } from 'vitest';

describePruner(
  'N:M',
  (sparsity) => createFrom(nm, { kept: Math.round(3 - 3 * sparsity), group: 3 }, plainServices()),
  {},
  [1 - 2 / 3, 1 - 1 / 3],
);

const pruned = async (model: Model, options: object, lines: string[] = []) => {
  const pruner = await createFrom(nm, options, plainServices({ log: (line) => lines.push(line) }));
  const masks = await pruner.mask(model, {});
  return Object.fromEntries([...masks].map(([name, mask]) => [name, [...mask]]));
};

describe('worked by hand:', () => {
  test('2:4 keeps the two largest of every four inputs of each output; of equals the last', async () => {
    const model = modelWith({ a: { shape: [2, 4], values: [1, -3, 2, 0, 5, 5, -5, 1] } });
    expect(await pruned(model, {})).toEqual({ a: [0, 1, 1, 0, 0, 1, 1, 0] });
  });

  test('inputs of a convolution are compared at each place of the kernel by itself', async () => {
    const values = [1, 8, 2, 7, 3, 6, 4, 5]; // inputs 0 to 3, each at places 0 and 1
    const model = modelWith({ a: { shape: [1, 4, 1, 2], values } });
    expect(await pruned(model, { kept: 1 })).toEqual({ a: [0, 1, 0, 0, 0, 0, 1, 0] });
    expect(await pruned(model, { kept: 1, group: 2 })).toEqual({ a: [0, 1, 1, 0, 0, 1, 1, 0] });
  });

  test('where a file keeps inputs first, groups are of its first axis', async () => {
    const model = modelWith({ a: { shape: [4, 2], values: [1, 8, 2, 7, 3, 6, 4, 5], outputAxis: 1 } });
    expect(await pruned(model, { kept: 1 })).toEqual({ a: [0, 1, 0, 0, 0, 0, 1, 0] });
  });

  test('what was removed stays so and counts, also where a group has fewer left than it may keep', async () => {
    const model = modelWith({ a: { shape: [1, 8], values: [9, 1, 2, 3, 9, 9, 9, 4] } });
    const before = { ...model, masks: new Map([['a', Uint8Array.of(0, 1, 1, 1, 0, 0, 0, 1)]]) };
    expect(await pruned(before, {})).toEqual({ a: [0, 0, 1, 1, 0, 0, 0, 1] });
  });

  test('kernels whose inputs the group does not divide are left, counted in what it goes by, and told', async () => {
    const lines: string[] = [];
    const model = modelWith({ a: { shape: [1, 4], values: [1, 2, 3, 4] }, b: { shape: [1, 3], values: [1, 2, 3] } });
    expect(await pruned(model, {}, lines)).toEqual({ a: [0, 0, 1, 1], b: [1, 1, 1] });
    expect(lines).toEqual(['left as they are, since 4 does not divide their inputs: b (3 inputs)']);
  });
});

test('it is called by what it removes where it applies, and says that it is only called so', async () => {
  expect(await createFrom(nm, { kept: 3, group: 8 }, plainServices())).toMatchObject({
    sparsity: 0.625,
    sparsityIs: 'nominal',
  });
});

describe('refuses', () => {
  test('a network without a group', async () => {
    await expect(pruned(toyModel(), { group: 7, kept: 3 })).rejects.toMatchObject({
      code: 'core/options-invalid',
      message:
        'Expected a kernel with a number of inputs that 7 divides, to keep 3 of each group; found conv.weight (3 inputs), fc.weight (5 inputs). ' +
        'Choose another "group", or exclude fewer kernels.',
    });
  });

  test('to keep all of a group', async () => {
    await expect(createFrom(nm, { kept: 4 }, plainServices())).rejects.toThrow('must be less than `group`');
  });
});

interface Kernel {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly outputAxis?: 0 | 1;
}

function modelWith(kernels: Readonly<Record<string, Kernel>>): Model {
  const all = Object.entries(kernels);
  return {
    ...toyModel(),
    parameters: all.map(([name, { values: _, ...info }]) => ({ name, role: 'kernel', ...info })),
    weights: async () =>
      new Map(
        all.map(([name, { shape, values }]) => [
          name,
          ndArray(shape.length === 2 ? 'o i' : 'o i h w', shape, Float32Array.from(values)),
        ]),
      ),
  };
}
