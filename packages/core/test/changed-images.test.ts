import { answersAbout, type Model, type NdArray, ndArray, stackedImages } from '@espalier/core';
import { toyModel } from '@espalier/core/testing';
import { expect, test } from 'vitest';

const version = (index: number) => Float32Array.from({ length: 192 }, (_, i) => ((i + 7 * index) % 11) / 11);

/** The toy model, and every batch that it was asked about. */
function watched(): { readonly model: Model; readonly asked: NdArray<'n h w c'>[] } {
  const [model, asked]: [Model, NdArray<'n h w c'>[]] = [toyModel(), []];
  const predict: Model['predict'] = (images) => {
    asked.push(images);
    return model.predict(images);
  };
  return { model: { ...model, predict }, asked };
}

test('versions are made and asked about a part at a time, in order, and answers stay the same', async () => {
  const { model, asked } = watched();
  const [made, parts]: number[][] = [[], []];
  const about = (imagesPerCall: number) => ({
    ...{ count: 5, imagesPerCall, what: 'versions' },
    version: (index: number) => {
      made!.push(index);
      return version(index);
    },
    told: (part: number) => parts!.push(part),
  });
  const answers = await answersAbout(model, about(2), (logits) => logits[1]!);
  expect(asked.map(({ shape }) => shape[0])).toEqual([2, 2, 1]);
  expect(made).toEqual([0, 1, 2, 3, 4]);
  expect(parts).toEqual([0.4, 0.8, 1]);
  expect(await answersAbout(model, about(256), (logits) => logits[1]!)).toEqual(answers);
  const alone = await model.predict(stackedImages([version(3)], model.input));
  expect(answers[3]).toBe(alone.data[1]);
});

test('a model that answers with no number is refused by the name of what was asked', async () => {
  const model: Model = {
    ...toyModel(),
    predict: async () => ndArray('n k', [1, 3], Float32Array.of(0, Number.NaN, 0)),
  };
  await expect(
    answersAbout(model, { count: 1, version, imagesPerCall: 8, what: '"n01" in parts' }, () => 0),
  ).rejects.toThrow('the logits of "n01" in parts');
});
