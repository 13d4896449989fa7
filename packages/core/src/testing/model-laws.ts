import { describe, expect, test } from 'vitest';
import { concatRows, ndArray, rows } from '../array.ts';
import { channelLaws } from './channel-laws.ts';
import { gradientLaws } from './gradient-laws.ts';
import { expectClose, expectRefusal, held, inTurn, norm } from './law-expectations.ts';
import { batches, everyNth, images, kernelOf, options, scaled } from './law-inputs.ts';
import type { ModelMaker } from './model-maker.ts';
import { relevanceLaws } from './relevance-laws.ts';
import { trainingLaws } from './training-laws.ts';

/** What every model promises. Each law throws when the promise is broken. */
export const modelLaws: Readonly<Record<string, (maker: ModelMaker) => Promise<void>>> = {
  async 'gives one finite logit per image and class'({ create }) {
    using model = held(await create());
    expect((await model.predict(images(model, 3))).data.length).toBe(3 * model.classes.length);
  },

  async 'gives nothing for no images'({ create }) {
    using model = await create();
    expect((await model.predict(images(model, 0))).shape).toEqual([0, model.classes.length]);
    expect((await model.inputGradient(images(model, 0), [])).shape).toEqual(images(model, 0).shape);
  },

  async 'gives the same results every time'({ create }) {
    using model = await create();
    const batch = images(model, 2);
    expect(await model.predict(batch)).toEqual(await model.predict(batch));
    expect(await model.inputGradient(batch, [0, 1])).toEqual(await model.inputGradient(batch, [0, 1]));
  },

  async 'treats every image alone'({ create }) {
    using model = await create();
    const batch = images(model, 3);
    const each = [0, 1, 2].map((i) => rows(batch, i, i + 1));
    expectClose(await model.predict(batch), concatRows(await inTurn(each, (image) => model.predict(image))));
    const gradients = await inTurn(each, (image, i) => model.inputGradient(image, [i % 2]));
    expectClose(await model.inputGradient(batch, [0, 1, 0]), concatRows(gradients));
  },

  async 'has an input gradient that is the slope of the logit'({ create }) {
    using model = await create();
    const batch = images(model, 4);
    const labels = [0, 1, 0, 1];
    const gradient = await model.inputGradient(batch, labels);
    const size = batch.data.length / labels.length;
    const lengths = labels.map((_, n) => norm(gradient.data.subarray(n * size, (n + 1) * size)));
    const moved = (length: number) =>
      model.predict({
        ...batch,
        data: batch.data.map((value, i) => value + (length * gradient.data[i]!) / lengths[Math.floor(i / size)]!),
      });
    const closest = labels.map(() => Number.POSITIVE_INFINITY);
    // A long step may flip a relu on its way, a short one drowns in rounding: some step must show the slope.
    for (const step of [2e-3, 5e-4, 1e-4, 2e-5]) {
      const [ahead, back] = [await moved(step), await moved(-step)];
      labels.forEach((k, n) => {
        const place = n * model.classes.length + k;
        const slope = (ahead.data[place]! - back.data[place]!) / (2 * step);
        closest[n] = Math.min(closest[n]!, Math.abs(slope / lengths[n]! - 1));
      });
    }
    expect(Math.max(...closest), 'relative error of the worst image').toBeLessThan(0.03);
  },

  async 'has activations of the sizes that its layers name'({ create }) {
    using model = held(await create());
    expect(model.layers.length, 'layers').toBeGreaterThan(0);
    for (const { name } of model.layers) expect((await model.activations(images(model, 2), name)).shape[0]).toBe(2);
  },

  async 'classifies from any layer as from the image'({ create }) {
    using model = await create();
    const batch = images(model, 2);
    const logits = await model.predict(batch);
    for (const { name } of model.layers.filter(({ isComplete }) => isComplete)) {
      expectClose(await model.classify(await model.activations(batch, name), name), logits);
    }
  },

  async 'is affine behind the layers that it says so of'({ create }) {
    using model = await create();
    const batch = images(model, 4);
    const [one, other] = [rows(batch, 0, 2), rows(batch, 2, 4)];
    for (const { name } of model.layers.filter(({ hasAffineRest }) => hasAffineRest)) {
      const ends = [await model.activations(one, name), await model.activations(other, name)] as const;
      const between = { ...ends[0], data: ends[0].data.map((value, i) => value + 3 * (ends[1].data[i]! - value)) };
      const [a, b] = [await model.classify(ends[0], name), await model.classify(ends[1], name)];
      const expected = { ...a, data: a.data.map((value, i) => value + 3 * (b.data[i]! - value)) };
      expectClose(await model.classify(between, name), expected);
    }
  },

  ...gradientLaws,

  ...relevanceLaws,

  ...channelLaws,

  async 'leaves its inputs as they were'({ create }) {
    using model = await create();
    const batch = images(model, 2);
    await model.predict(batch);
    await model.inputGradient(batch, [0, 1]);
    const layer = model.layers[0]!.name;
    const activations = await model.activations(batch, layer);
    const before = activations.data.slice();
    await model.classify(activations, layer);
    expect(batch).toEqual(images(model, 2));
    expect(activations.data).toEqual(before);
  },

  async 'lists its weights as its parameters say, as copies'({ create }) {
    using model = held(await create());
    const weights = await model.weights();
    expect([...weights].map(([name, { shape }]) => ({ name, shape }))).toEqual(
      model.parameters.map(({ name, shape }) => ({ name, shape })),
    );
    for (const { data } of weights.values()) data.fill(1);
    using other = await create();
    expect(await model.weights()).toEqual(await other.weights());
  },

  async 'refuses what it cannot compute with'({ create }) {
    using model = await create();
    const batch = images(model, 1);
    const broken = { ...batch, data: batch.data.with(1, Number.NaN) };
    const wide = ndArray('n h w c', [1, model.input.height, model.input.width + 1, model.input.channels]);
    await expectRefusal('core/shape-mismatch', () => model.predict(wide));
    await expectRefusal('core/values-not-finite', () => model.predict(broken));
    await expectRefusal('core/shape-mismatch', () => model.inputGradient(batch, [0, 1]));
    await expectRefusal('core/shape-mismatch', () => model.inputGradient(batch, [model.classes.length]));
    await expectRefusal('core/layer-unknown', () => model.activations(batch, 'no such layer'));
    await expectRefusal('core/masks-mismatch', () => model.masked(new Map([['no such parameter', new Uint8Array(1)]])));
    await expectRefusal('core/masks-mismatch', () =>
      model.masked(new Map([[kernelOf(model).name, new Uint8Array(1)]])),
    );
    const weights = await model.weights();
    const { name } = kernelOf(model);
    const [missing, misshapen, unknown] = [new Map(weights), new Map(weights), new Map(weights)];
    missing.delete(name);
    misshapen.set(name, ndArray('o', [1]));
    unknown.set('no such parameter', ndArray('o', [1]));
    for (const wrong of [missing, misshapen, unknown]) {
      await expectRefusal('core/weights-mismatch', () => model.withWeights(wrong));
    }
  },

  async 'holds masks, and every mask it held before'({ create }) {
    using model = await create();
    const dense = await model.weights();
    const { name } = kernelOf(model);
    using once = await model.masked(everyNth(model, 2));
    using twice = await once.masked(everyNth(model, 3));
    const kept = (i: number) => i % 2 !== 0 && i % 3 !== 0;
    const expected = dense.get(name)!.data.map((value, i) => (kept(i) ? value : 0));
    expect((await twice.weights()).get(name)!.data).toEqual(expected);
    expect(twice.masks.get(name)).toEqual(Uint8Array.from(expected, (_, i) => Number(kept(i))));
    expect(await model.weights()).toEqual(dense);
    const batch = images(model, 2);
    expect(await twice.predict(batch)).not.toEqual(await model.predict(batch));
  },

  async 'takes other weights, and holds its masks on them'({ create }) {
    using model = await create();
    const before = await model.weights();
    const { name } = kernelOf(model);
    const halved = new Map([...before].map(([known, array]) => [known, known === name ? scaled(array, 0.5) : array]));
    using masked = await model.masked(everyNth(model, 2));
    using changed = await masked.withWeights(halved);
    halved.get(name)!.data.fill(7); // the model holds a copy
    const expected = before.get(name)!.data.map((value, i) => (i % 2 === 0 ? 0 : value / 2));
    const batch = images(model, 2);
    expect(await changed.weights()).toEqual(new Map(before).set(name, { ...before.get(name)!, data: expected }));
    expect(changed.masks).toEqual(masked.masks);
    expect(await model.weights()).toEqual(before);
    expect(await changed.predict(batch)).not.toEqual(await masked.predict(batch));
    using again = await changed.withWeights(before);
    expect(await again.predict(batch)).toEqual(await masked.predict(batch));
  },

  async 'takes other masks with other weights, and then holds those alone'({ create }) {
    using model = await create();
    const before = await model.weights();
    const { name } = kernelOf(model);
    using masked = await model.masked(everyNth(model, 2));
    const others = everyNth(model, 3);
    using changed = await masked.withWeights(before, others);
    const expected = before.get(name)!.data.map((value, i) => (i % 3 === 0 ? 0 : value));
    expect((await changed.weights()).get(name)!.data).toEqual(expected);
    expect(changed.masks).toEqual(others);
    using dense = await masked.withWeights(before, new Map());
    expect(await dense.weights()).toEqual(before);
    using pruned = await model.masked(others);
    const batch = images(model, 2);
    expect(await changed.predict(batch)).toEqual(await pruned.predict(batch));
  },

  async 'takes another normalisation, under which other images are the same'({ create }) {
    using model = await create();
    const { mean, std } = model.input;
    const batch = images(model, 2);
    using other = await model.withNormalisation({
      mean: mean.map((value) => value + 0.5),
      std: std.map((value) => 2 * value),
    });
    const moved = { ...batch, data: batch.data.map((value, i) => 2 * (value - mean[i % 3]!) + mean[i % 3]! + 0.5) };
    expectClose(await other.predict(moved), await model.predict(batch));
    const slopes = await other.inputGradient(moved, [0, 1]);
    expectClose({ ...slopes, data: slopes.data.map((slope) => 2 * slope) }, await model.inputGradient(batch, [0, 1]));
    expect(await other.weights()).toEqual(await model.weights());
    expect(model.input, 'the model').toMatchObject({ mean, std });
  },

  ...trainingLaws,

  async 'refuses work after it was disposed of'({ create }) {
    const model = await create();
    const batch = images(model, 1);
    model[Symbol.dispose]();
    await expectRefusal('core/not-supported', () => model.predict(batch));
    await expectRefusal('core/not-supported', () => model.weights());
  },

  async 'leaves nothing on the device after it was disposed of'({ create, live }) {
    const before = live();
    {
      using model = await create();
      const batch = images(model, 2);
      await model.predict(batch);
      await model.inputGradient(batch, [0, 1]);
      using trained = await model.train(batches(model), options());
      await trained.predict(batch);
      const loaded = live();
      await model.predict(batch);
      await model.inputGradient(batch, [1, 0]);
      expect(live(), 'left by a second call').toBe(loaded);
    }
    expect(live(), 'left after disposal').toBe(before);
  },
};

/** Registers the laws as tests of the model `name`. */
export function describeModel(name: string, maker: ModelMaker): void {
  describe(`${name} keeps the model laws`, () => {
    for (const [law, check] of Object.entries(modelLaws)) test(law, () => check(maker));
  });
}
