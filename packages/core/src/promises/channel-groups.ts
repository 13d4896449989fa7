import type { ChannelGroups } from '../networks/channel-groups.ts';
import type { Model } from '../networks/model.ts';
import { type Promised, promise, promiseList, promiseObject, promiseOneOf, promiseText, written } from './promise.ts';

/**
 * Checks groups of channels: parts of parameters that the model has, within their shapes.
 *
 * @throws StudyError `core/plugin-invalid`
 */
export function checkChannelGroups(
  found: unknown,
  by: string,
  { parameters }: Pick<Model, 'parameters'>,
): asserts found is ChannelGroups {
  const about: Promised = { by, what: 'its groups of channels' };
  const shapes = new Map(parameters.map(({ name, shape }) => [name, shape]));
  const expectKnown = (name: unknown, field: string) =>
    promise(shapes.has(name as string), about, `"${field}" to be one of its parameters`, () => written(name)); // other values are no keys
  promiseObject(found, about);
  promiseList(found.groups, about, 'groups');
  promiseList(found.kept, about, 'kept');
  for (const each of found.kept) {
    promiseObject(each, about);
    expectKnown(each.kernel, 'kernel');
    promiseText(each.reason, about, 'reason');
  }
  for (const group of found.groups) {
    promiseObject(group, about);
    expectKnown(group.name, 'name');
    promiseList(group.channels, about, 'channels');
    for (const channel of group.channels) {
      promiseList(channel, about, 'channels');
      for (const part of channel) {
        promiseObject(part, about);
        expectKnown(part.parameter, 'parameter');
        promiseOneOf(part.side, ['output', 'input'], about, 'side');
        const length = shapes.get(part.parameter as string)?.[part.axis as number]; // undefined where there is no such axis
        promise(length !== undefined, about, `an axis of "${part.parameter}"`, () => written(part.axis));
        promiseList(part.indices, about, 'indices');
        const isPlace = (index: unknown) =>
          Number.isInteger(index) && (index as number) >= 0 && (index as number) < length; // an integer
        const other = part.indices.findIndex((index) => !isPlace(index));
        promise(other < 0, about, `indices below ${length} of "${part.parameter}"`, () =>
          written((part.indices as unknown[])[other]),
        );
      }
    }
  }
}
