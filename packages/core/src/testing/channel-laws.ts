import { expect } from 'vitest';
import { sizeOf } from '../array.ts';
import type { ChannelPart } from '../networks/channel-groups.ts';
import { masksWithout } from '../networks/masks-without.ts';
import type { Model } from '../networks/model.ts';
import { expectClose, held, productsOf, valuesIn } from './law-expectations.ts';
import { images, withoutFirstOutput } from './law-inputs.ts';
import type { ModelMaker } from './model-maker.ts';

/** What every model promises of its channels and of what it becomes without some. */
export const channelLaws: Readonly<Record<string, (maker: ModelMaker) => Promise<void>>> = {
  async 'is the same when it is compacted'({ create }) {
    using model = await create();
    using masked = await model.masked(withoutFirstOutput(model));
    using compacted = await masked.compacted();
    expectClose(await compacted.predict(images(model, 3)), await masked.predict(images(model, 3)));
    expect(valuesIn(compacted)).toBeLessThanOrEqual(valuesIn(masked));
    expect(compacted.classes).toEqual(model.classes);
  },

  async 'counts its multiply-accumulates: as many with masks, no more when it is compacted'({ create }) {
    using model = held(await create());
    using masked = held(await model.masked(withoutFirstOutput(model)));
    using compacted = held(await masked.compacted());
    expect(productsOf(model), 'products').toBeGreaterThan(0);
    expect(masked.multiplyAccumulates()).toEqual(model.multiplyAccumulates());
    expect(productsOf(compacted), 'products of the compacted network').toBeLessThanOrEqual(productsOf(model));
  },

  async 'has channels that can go: masked whole and compacted, exactly their parts are missing'({ create }) {
    using model = held(await create());
    const { groups, kept } = model.channelGroups();
    const covered = new Set(groups.flatMap(({ channels }) => channels.flat()).map(({ parameter }) => parameter));
    for (const { kernel } of kept) covered.add(kernel);
    for (const { name } of model.parameters.filter(({ role }) => role === 'kernel')) expect(covered).toContain(name);
    for (const group of new Set([groups[0], groups.at(-1)])) {
      if (group) await expectGone(model, group.channels.at(-1)!);
    }
  },
};

async function expectGone(model: Model, channel: readonly ChannelPart[]): Promise<void> {
  using masked = await model.masked(masksWithout(model, [channel]));
  using compacted = held(await masked.compacted());
  expectClose(await compacted.predict(images(model, 3)), await masked.predict(images(model, 3)));
  const left = model.parameters.map(({ name, shape }) =>
    channel
      .filter(({ parameter }) => parameter === name)
      .reduce((lengths, { axis, indices }) => lengths.with(axis, lengths[axis]! - indices.length), shape),
  );
  expect(valuesIn(compacted)).toBe(left.reduce((sum, shape) => sum + sizeOf(shape), 0));
}
