import { transposed } from '@espalier/concept-activations';
import { craft, nonNegativeCodes } from '@espalier/concepts-craft';
import {
  type ConceptBank,
  type ConceptImages,
  createFrom,
  type Model,
  type NdArray,
  ndArray,
  plainServices,
  randomStream,
  StudyError,
  takeRows,
} from '@espalier/core';
import { describeConcepts, toyModel, toyTokens } from '@espalier/core/testing';
import { describe, expect, test } from 'vitest';
import { deepToyModel } from './deep-toy-model.ts';

const create = (options: object = {}, changes = {}) => createFrom(craft, options, plainServices(changes));

describeConcepts('craft', () => create({ concepts: 4 }));
describeConcepts('craft with large crops', () => create({ concepts: 3, patch: 0.6, restarts: 0 }));
describeConcepts('craft of signed tokens', () => create({ concepts: 4 }), toyTokens);

const images = (count = 4, seed = 0): ConceptImages => {
  const stream = randomStream(seed, 'craft-test');
  const data = Float32Array.from({ length: count * 192 }, () => stream.uniform());
  return {
    ids: Array.from({ length: count }, (_, i) => `image ${i}`),
    images: ndArray('n h w c', [count, 8, 8, 3], data),
    classIndex: 1,
  };
};

describe('a bank', () => {
  const bank = async (options = {}, changes = {}) =>
    (await create({ concepts: 4, ...options }, changes)).extract(toyModel(), images());

  test.each([
    ['one level', { restarts: 2 }, 12],
    ['a level within', { restarts: 2, depth: 1, branch: { importance: 0.001, crops: 12, concepts: 2 } }, 24],
    ['importance left out', { restarts: 2, importance: 'none' }, 12],
  ])('tells how far it is, up to the end: %s', async (_, options, least) => {
    const parts: number[] = [];
    const model = 'depth' in options ? deepToyModel() : toyModel();
    const extractor = await create({ concepts: 4, patch: 0.25, ...options });
    await extractor.extract(model, images(), (part) => parts.push(part));
    expect(parts.length).toBeGreaterThanOrEqual(least);
    expect(parts).toEqual([...parts].sort((a, b) => a - b));
    expect(parts[0]).toBeGreaterThan(0);
    expect(parts.at(-1)).toBeCloseTo(1, 12);
  });

  test('has directions of length 1, most important first', async () => {
    const { dictionary, importance } = await bank();
    const [r, d] = dictionary.shape as [number, number];
    for (let k = 0; k < r; k++) {
      const squares = dictionary.data.subarray(k * d, (k + 1) * d).reduce((sum, value) => sum + value * value, 0);
      expect(squares).toBeCloseTo(1, 5);
    }
    const means = columnMeans(importance);
    expect([...means].sort((a, b) => b - a)).toEqual(means);
  });

  test('states the error of its own codes and dictionary, over crops as PyTorch would resize them', async () => {
    const found = await bank();
    const activations = await pooledByHand(toyModel(), found);
    let [missed, all] = [0, 0];
    activations.forEach((row, p) => {
      row.forEach((value, d) => {
        let rebuilt = 0;
        for (let k = 0; k < 4; k++)
          rebuilt += found.codes.data[p * 4 + k]! * found.dictionary.data[k * row.length + d]!;
        missed += (value - rebuilt) ** 2;
        all += value ** 2;
      });
    });
    expect(found.reconstructionError).toBeCloseTo(Math.sqrt(missed / all), 5);
  });

  test('has the exact importance that a linear head allows', async () => {
    const model = toyModel();
    const { importance, maps, dictionary } = await bank();
    const dense = (await model.weights()).get('fc.weight')!.data.subarray(5, 10);
    // The toy's head averages over space and weighs features: concept k adds its mean code times (direction . weights).
    [0, 1, 2, 3].forEach((n) => {
      const effects = [0, 1, 2, 3].map((k) => {
        let code = 0;
        for (let place = 0; place < 16; place++) code += maps.data[(n * 16 + place) * 4 + k]! / 16;
        return code * dense.reduce((sum, weight, d) => sum + weight * dictionary.data[k * 5 + d]!, 0);
      });
      const total = effects.reduce((sum, effect) => sum + effect ** 2, 0);
      effects.forEach((effect, k) => {
        expect(importance.data[n * 4 + k]).toBeCloseTo(effect ** 2 / total, 4);
      });
    });
  });

  test('depends on the seed only through the starts', async () => {
    expect(await bank({}, { seed: 1 })).toEqual(await bank({}, { seed: 1 }));
    expect((await bank({ restarts: 0 }, { seed: 1 })).dictionary).toEqual(
      (await bank({ restarts: 0 }, { seed: 2 })).dictionary,
    );
  });

  test('says when it ran out of iterations', async () => {
    expect((await bank({ maxIterations: 1 })).factorisation).toEqual({ iterations: 1, stop: 'iteration-limit' });
    expect((await bank()).factorisation.stop).toBe('converged');
  });

  test('finds planted parts', async () => {
    // Three features light up in crops of three kinds: the dictionary must name them one by one.
    const found = await (await create({ concepts: 3, patch: 0.5 })).extract(colourModel(), colourImages());
    const strongest = [0, 1, 2].map((k) => {
      const direction = found.dictionary.data.subarray(3 * k, 3 * k + 3);
      expect(Math.max(...direction)).toBeGreaterThan(0.999);
      return direction.indexOf(Math.max(...direction));
    });
    expect(strongest.sort()).toEqual([0, 1, 2]);
    expect(found.reconstructionError).toBeLessThan(1e-6);
  });
});

test('leaves importance out when asked, and nothing else but the order', async () => {
  const extract = async (importance: string) =>
    (await create({ concepts: 4, importance })).extract(toyModel(), images());
  const [full, quick] = [await extract('sobol'), await extract('none')];
  expect(quick.importance.shape).toEqual([0, 4]);
  expect(quick.importanceError.shape).toEqual([0, 4]);
  expect(sortedRows(quick.dictionary)).toEqual(sortedRows(full.dictionary));
  expect([...quick.maps.data].sort()).toEqual([...full.maps.data].sort());
});

describe('a bank learned from a part of the images', () => {
  const bank = async (part: string, given = images(6)) =>
    (await create({ concepts: 3, part })).extract(toyModel(), given);

  test('has the dictionary of a bank of those images alone', async () => {
    const [even, alone] = [await bank('even'), await bank('all', takeImages(images(6), [0, 2, 4]))];
    expect(sortedRows(even.dictionary)).toEqual(sortedRows(alone.dictionary));
    const [odd, other] = [await bank('odd'), await bank('all', takeImages(images(6), [1, 3, 5]))];
    expect(sortedRows(odd.dictionary)).toEqual(sortedRows(other.dictionary));
  });

  test('has codes and maps of all images, importance of those that it was not learned from', async () => {
    const { ids, learnedFrom, crops, codes, maps, importance, importanceError } = await bank('odd');
    expect(ids).toEqual(images(6).ids);
    expect(learnedFrom).toEqual([1, 3, 5]);
    expect(new Set(crops.map(({ image }) => image))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    expect([codes.shape[0], maps.shape[0]]).toEqual([crops.length, 6]);
    expect([importance.shape[0], importanceError.shape[0]]).toEqual([3, 3]);
    expect((await bank('all')).learnedFrom).toBeUndefined();
  });

  test('says what other images are made of by non-negative least squares for the dictionary', async () => {
    const { maps, dictionary, layer } = await bank('even');
    const { data } = await toyModel().activations(images(6).images, layer);
    const [rank, features] = dictionary.shape as [number, number];
    const directions = transposed({ rows: rank, columns: features, data: Float64Array.from(dictionary.data) });
    const places = { rows: data.length / features, columns: features, data: Float64Array.from(data) };
    nonNegativeCodes(places, directions).data.forEach((code, i) => {
      expect(maps.data[i]).toBeCloseTo(code, 4); // the stored dictionary is float32
    });
  });

  test('has the error of the crops that it was not learned from', async () => {
    const patch = 1; // a crop is its image
    const { codes, dictionary, layer, reconstructionError } = await (
      await create({ concepts: 3, part: 'even', patch })
    ).extract(toyModel(), images(6));
    const { data } = await toyModel().activations(images(6).images, layer);
    const [rank, features] = dictionary.shape as [number, number];
    const perImage = data.length / 6;
    let [missed, all] = [0, 0];
    for (const image of [1, 3, 5])
      for (let d = 0; d < features; d++) {
        let [value, rebuilt] = [0, 0];
        for (let at = d; at < perImage; at += features) value += (data[image * perImage + at]! * features) / perImage;
        for (let r = 0; r < rank; r++) rebuilt += codes.data[image * rank + r]! * dictionary.data[r * features + d]!;
        missed += (value - rebuilt) ** 2;
        all += value ** 2;
      }
    expect(reconstructionError).toBeCloseTo(Math.sqrt(missed / all), 5);
  });
});

test('asks each image about masks of its own, told by its id', async () => {
  // One picture under two ids; its importance is not exact behind a head that is not linear.
  const of = async (ids: readonly string[]) => {
    const given = { ...takeImages(images(), [0, 0]), ids };
    const options = { concepts: 2, layer: 'early', points: 16, maxPoints: 16, patch: 0.5 };
    const { importance } = await (await create(options)).extract(deepToyModel(), given);
    return [importance.data.slice(0, 2), importance.data.slice(2)];
  };
  const [a, b] = await of(['a', 'b']);
  expect(a).not.toEqual(b);
  expect(a![0]).toBeCloseTo(b![0]!, 1);
  expect(await of(['b', 'a'])).toEqual([b, a]);
});

describe('recursion', () => {
  const extract = async (options: object): Promise<ConceptBank> =>
    (await create({ concepts: 3, depth: 1, branch: { importance: 0.05, crops: 12, concepts: 2 }, ...options })).extract(
      deepToyModel(),
      images(),
    );

  test('looks into every important concept, at the layer before', async () => {
    const { children, importance, ids } = await extract({});
    const important = columnMeans(importance).flatMap((mean, k) => (mean >= 0.05 ? [k] : []));
    expect(children.map(({ concept }) => concept)).toEqual(important);
    expect(important.length).toBeGreaterThan(0);
    for (const { bank } of children) {
      expect(bank.layer).toBe('early');
      expect(bank.crops.length).toBeLessThanOrEqual(12);
      expect(bank.dictionary.shape[0]).toBe(2);
      expect(bank.maps.shape).toEqual([bank.ids.length, 4, 4, 2]);
      expect(bank.children).toEqual([]);
      for (const { image } of bank.crops) expect(ids).toContain(bank.ids[image]);
    }
  });

  test('takes the crops where the concept is strongest', async () => {
    const { children, codes, crops, ids } = await extract({});
    const { concept, bank } = children[0]!;
    const strength = crops.map((_, p) => codes.data[p * 3 + concept]!);
    const least = [...strength].sort((a, b) => b - a)[11]!;
    const expected = crops
      .filter((_, p) => strength[p]! >= least)
      .map(({ image, top, left }) => [ids[image], top, left]);
    expect(bank.crops.map(({ image, top, left }) => [bank.ids[image], top, left])).toEqual(expected);
  });

  test('goes nowhere at depth 0, or where nothing is important enough', async () => {
    expect((await extract({ depth: 0 })).children).toEqual([]);
    expect((await extract({ branch: { importance: 1 } })).children).toEqual([]);
  });

  test('needs an earlier layer', async () => {
    await expect(extract({ depth: 2 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: Level 2 of the recursion needs a layer before "early"; there is none. Change \`layers\`, or lower \`depth\`.]`,
    );
    await expect(extract({ layers: ['late'] })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: Level 1 of the recursion needs a layer before "late", found "late"; there are "early". Change \`layers\`, or lower \`depth\`.]`,
    );
  });
});

describe('refuses', () => {
  test('negative activations', async () => {
    const model = toyModel();
    const signed: Model = {
      ...model,
      activations: async (batch, layer) => {
        const { axes, shape, data } = await model.activations(batch, layer);
        return ndArray(
          axes,
          shape,
          data.map((value) => value - 0.25),
        );
      },
    };
    const refused = (await create({ negative: 'refuse' })).extract(signed, images());
    await expect(refused).rejects.toSatisfy(StudyError.is);
    await expect(refused).rejects.toThrow(
      /CRAFT with `negative` "refuse" needs a layer whose activations are never negative.*"features" gave -0\.25.*Choose another `layer`/,
    );
  });

  test('an unknown layer, by name', async () => {
    await expect(
      (await create({ layer: 'layer4' })).extract(toyModel(), images()),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: Expected a layer of the model, one of "features"; found "layer4".]`,
    );
  });

  test('more concepts than crops', async () => {
    await expect(
      (await create({ concepts: 10, patch: 1 })).extract(toyModel(), images()),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: CRAFT cannot tell 10 concepts apart in 4 crops of 4 images. Give more images, a smaller \`patch\`, or ask for fewer \`concepts\`.]`,
    );
  });

  test('levels below a dictionary of a part of the images', async () => {
    const asked = create({ concepts: 2, part: 'even', depth: 1 });
    await expect((await asked).extract(deepToyModel(), images())).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: CRAFT looks into the important concepts of all images: expected \`part\` "all" and \`importance\` "sobol" with a \`depth\` of 1, found "even" and "sobol". Change these, or set \`depth\` to 0.]`,
    );
    await expect(
      (await create({ concepts: 3, patch: 1, part: 'odd' })).extract(toyModel(), images()),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: CRAFT cannot tell 3 concepts apart in 2 crops of 4 images that are in the odd part. Give more images, a smaller \`patch\`, or ask for fewer \`concepts\`.]`,
    );
  });

  test('images of another size', async () => {
    const wrong = { ...images(), ids: ['one'] };
    await expect((await create()).extract(toyModel(), wrong)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: images for CRAFT: expected the shape [1, 8, 8, 3] (n h w c), found [4, 8, 8, 3].]`,
    );
  });

  test('options that cannot be', async () => {
    await expect(create({ concepts: 65, points: 100, patch: 64 })).rejects.toThrowErrorMatchingInlineSnapshot(`
      [StudyError: Options of the concepts "craft" are not valid:
      ✖ Too big: expected number to be <=64
        → at concepts
      ✖ Too big: expected number to be <=1
        → at patch
      ✖ Invalid option: expected one of 16|32|64|128|256|512|1024|2048|4096
        → at points]
    `);
  });
});

test('stops when the host says so', async () => {
  const extractor = await create({}, { signal: AbortSignal.abort(new Error('enough')) });
  await expect(extractor.extract(toyModel(), images())).rejects.toThrow('enough');
});

function takeImages({ ids, images, classIndex }: ConceptImages, indices: readonly number[]): ConceptImages {
  return { ids: indices.map((index) => ids[index]!), images: takeRows(images, indices), classIndex };
}

/** Rows in an order that does not depend on their numbers. */
function sortedRows({ data, shape }: NdArray<'r d'>): string[] {
  const [rows, columns] = shape as [number, number]; // 'r d' has two sizes
  return Array.from({ length: rows }, (_, r) => data.slice(r * columns, (r + 1) * columns).join()).sort();
}

function columnMeans({ data, shape }: { data: Float32Array; shape: readonly number[] }): number[] {
  const [rows, columns] = shape as [number, number];
  return Array.from({ length: columns }, (_, k) => {
    let sum = 0;
    for (let n = 0; n < rows; n++) sum += data[n * columns + k]!;
    return sum / rows;
  });
}

/** Mean activation per crop, each crop enlarged by the formula of half-pixel bilinear interpolation, value by value. */
async function pooledByHand(model: Model, { crops }: ConceptBank): Promise<Float64Array[]> {
  const { data } = images().images;
  const rows: Float64Array[] = [];
  for (const { image, top, left, size } of crops) {
    const sample = (y: number, x: number, c: number) => data[((image * 8 + top + y) * 8 + left + x) * 3 + c]!;
    const inside = (position: number) => Math.min(Math.max(position, 0), size - 1);
    const enlarged = Float32Array.from({ length: 192 }, (_, i) => {
      const [y, x, c] = [Math.floor(i / 24), Math.floor(i / 3) % 8, i % 3];
      const [sy, sx] = [inside(((y + 0.5) * size) / 8 - 0.5), inside(((x + 0.5) * size) / 8 - 0.5)];
      const [y0, x0] = [Math.floor(sy), Math.floor(sx)];
      const [y1, x1] = [inside(y0 + 1), inside(x0 + 1)];
      const [fy, fx] = [sy - y0, sx - x0];
      return (
        (1 - fy) * ((1 - fx) * sample(y0, x0, c) + fx * sample(y0, x1, c)) +
        fy * ((1 - fx) * sample(y1, x0, c) + fx * sample(y1, x1, c))
      );
    });
    const activations = await model.activations(ndArray('n h w c', [1, 8, 8, 3], enlarged), 'features');
    const mean = new Float64Array(5);
    activations.data.forEach((value, i) => {
      mean[i % 5]! += value / 16;
    });
    rows.push(mean);
  }
  return rows;
}

/** A model whose three features are the three colours. */
function colourModel(): Model {
  const model = toyModel();
  return {
    ...model,
    layers: [{ name: 'colours', height: 8, width: 8, features: 3, isStage: true, isComplete: true }],
    activations: async ({ shape, data }) => ndArray('n h w d', shape, data.slice()),
    classify: async ({ shape, data }) =>
      ndArray(
        'n k',
        [shape[0]!, 3],
        Float32Array.from({ length: 3 * shape[0]! }, (_, i) => data[Math.floor(i / 3) * 192 + (i % 3)]!),
      ),
  };
}

/** Images of four quarters, each of one pure colour of its own brightness. */
function colourImages() {
  const data = new Float32Array(4 * 192);
  for (let i = 0; i < data.length; i += 3) {
    const [n, y, x] = [Math.floor(i / 192), Math.floor(i / 24) % 8, Math.floor(i / 3) % 8];
    const quarter = 2 * Number(y >= 4) + Number(x >= 4);
    data[i + ((n + quarter) % 3)] = 0.25 * (1 + ((n + 2 * quarter) % 4));
  }
  return { ids: ['a', 'b', 'c', 'd'], images: ndArray('n h w c', [4, 8, 8, 3], data), classIndex: 0 };
}
