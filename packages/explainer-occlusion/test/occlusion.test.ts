import { readFileSync } from 'node:fs';
import { createFrom, type Explanation, type Model, ndArray, plainServices, rows } from '@espalier/core';
import { describeExplainer, type HiddenLayer, hiddenLayer, toyModel } from '@espalier/core/testing';
import { occlusion, squaresOver } from '@espalier/explainer-occlusion';
import { probability } from '@espalier/numerics';
import { describe, expect, test } from 'vitest';

for (const answer of ['logit', 'probability'])
  describeExplainer(`occlusion of the ${answer}`, (services) =>
    createFrom(occlusion, { window: 0.5, answer }, services),
  );

interface Captum extends HiddenLayer {
  readonly maps: readonly { readonly window: number; readonly stride: number; readonly values: readonly number[] }[];
}

/** tools/reference/occlusion.py: Captum 0.9.0, in double precision. */
const captum: Captum = JSON.parse(readFileSync(new URL('fixtures/captum.json', import.meta.url), 'utf8'));

const explain = async (
  options: object,
  model: Model,
  images: Parameters<Model['predict']>[0],
  classIndex: readonly number[],
): Promise<Explanation> =>
  (await createFrom(occlusion, options, plainServices())).explain(model, images, classIndex, undefined, ['a', 'b']);

test.each(captum.maps)('Captum 0.9: squares of $window, $stride apart', async ({ window, stride, values }) => {
  const { side, targets } = captum;
  const { model, images } = hiddenLayer(captum);
  const found = await explain({ window: window / side, stride: stride / window }, model, images, targets);
  const scale = Math.max(...values.map(Math.abs));
  expect(scale).toBeGreaterThan(0.1);
  values.forEach((value, pixel) => {
    expect(Math.abs(found.values.data[3 * pixel]! - value)).toBeLessThan(1e-5 * scale); // logits are float32 here
    expect([found.values.data[3 * pixel + 1], found.values.data[3 * pixel + 2]]).toEqual([0, 0]);
  });
});

const images = ndArray(
  'n h w c',
  [2, 8, 8, 3],
  Float32Array.from({ length: 384 }, (_, i) => (i * 0.37) % 0.8),
);

describe('a slow twin', () => {
  test.each([
    ['black', 'logit'],
    ['blur', 'probability'],
  ] as const)('%s, %s: pixel by pixel over all squares that hold it', async (name, answer) => {
    const model = toyModel();
    const asked: Float32Array[] = [];
    const predict: Model['predict'] = (batch) => {
      for (let n = 0; n < batch.shape[0]!; n++) asked.push(rows(batch, n, n + 1).data);
      return model.predict(batch);
    };
    const options = { window: 3 / 8, stride: 2 / 3, baseline: { name }, answer, imagesPerCall: 5 };
    const { values } = await explain(options, { ...model, predict }, images, [1, 2]);
    const of = async (image: Float32Array) => {
      const logits = (await model.predict(ndArray('n h w c', [1, 8, 8, 3], image))).data;
      return answer === 'logit' ? logits[1]! : probability(logits, 1);
    };
    const squares = [0, 2, 4, 6].flatMap((top) => [0, 2, 4, 6].map((left) => [top, left] as const));
    const image = asked[0]!; // the first one is not changed
    expect(image).toEqual(images.data.subarray(0, 192));
    for (const [y, x] of [
      [0, 0],
      [2, 3],
      [7, 7],
      [4, 6],
    ] as const) {
      const drops: number[] = [];
      for (const [i, [top, left]] of squares.entries()) {
        if (y < top || y >= top + 3 || x < left || x >= left + 3) continue;
        const covered = image.map((value, at) => {
          const [row, column] = [Math.floor(at / 24), Math.floor(at / 3) % 8];
          const isIn = row >= top && row < top + 3 && column >= left && column < left + 3;
          return isIn ? (name === 'black' ? 0 : asked[i + 1]![at]!) : value;
        });
        expect(asked[i + 1]).toEqual(covered);
        drops.push((await of(image)) - (await of(covered)));
      }
      const mean = drops.reduce((sum, drop) => sum + drop, 0) / drops.length;
      expect(values.data[(y * 8 + x) * 3]).toBeCloseTo(mean, 5);
    }
  });

  test('how many images are asked about at once changes nothing', async () => {
    const of = (imagesPerCall: number) => explain({ imagesPerCall }, toyModel(), images, [0, 1]);
    expect(await of(3)).toEqual(await of(256));
  });
});

test('squares cover every pixel, and the border cuts the last ones', () => {
  for (const [height, width, window, stride] of [
    [8, 8, 1 / 7, 0.5],
    [7, 11, 0.4, 1],
    [224, 224, 1 / 7, 0.5],
    [5, 9, 1, 0.01],
  ] as const) {
    const squares = squaresOver({ height, width }, { window, stride });
    const covered = new Set(
      squares.flatMap(({ top, left, bottom, right }) =>
        Array.from({ length: (bottom - top) * (right - left) }, (_, i) => {
          return (top + Math.floor(i / (right - left))) * width + left + (i % (right - left));
        }),
      ),
    );
    expect(covered.size).toBe(height * width);
    expect(Math.max(...covered)).toBe(height * width - 1);
  }
  expect(squaresOver({ height: 224, width: 224 }, { window: 1 / 7, stride: 0.5 })).toHaveLength(169);
});

test('a plan is told how many images go through the network', () => {
  const known = { folder: '.', images: { height: 224, width: 224, classes: ['a', 'b'], mostPerClass: [3, 2] } };
  expect(occlusion.passes!(occlusion.options.parse({}), known)).toEqual({ forward: 5 * 170 });
});

describe('refuses', () => {
  test('steps that leave gaps, and windows larger than the image', async () => {
    await expect(createFrom(occlusion, { stride: 1.5 }, plainServices())).rejects.toThrow('stride');
    await expect(createFrom(occlusion, { window: 2 }, plainServices())).rejects.toThrow('window');
  });

  test('images of another size, and a model that answers with no number, by the name of the image', async () => {
    await expect(explain({}, toyModel(), images, [0])).rejects.toThrow('images for occlusion: expected the shape');
    const predict: Model['predict'] = async ({ shape }) =>
      ndArray('n k', [shape[0]!, 3], new Float32Array(shape[0]! * 3).fill(Number.NaN));
    await expect(explain({}, { ...toyModel(), predict }, images, [0, 1])).rejects.toThrow('"a", occluded');
  });

  test('to go on when the host says stop', async () => {
    const services = plainServices({ signal: AbortSignal.abort(new Error('enough')) });
    const explainer = await createFrom(occlusion, {}, services);
    await expect(explainer.explain(toyModel(), images, [0, 1])).rejects.toThrow('enough');
  });
});
