import { expect } from 'vitest';
import { sizeOf } from '../../array.ts';
import { type ChannelPart, masksWithout } from '../../networks/channel-groups.ts';
import type { Model } from '../../networks/model.ts';
import { expectClose, held, valuesIn } from '../law-expectations.ts';
import { images } from '../law-inputs.ts';
import type { ModelMaker } from '../model-maker.ts';

/** What every model promises of its channels. */
export const channelLaws: Readonly<Record<string, (maker: ModelMaker) => Promise<void>>> = {
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
