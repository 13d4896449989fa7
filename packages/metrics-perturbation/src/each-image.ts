import {
  type ChannelReduction,
  expectFinite,
  expectShape,
  type Given,
  placesOf,
  reduceChannels,
  rows,
  type Services,
} from '@espalier/core';

/** One image with its map, and what was explained. */
export interface Explained {
  /** Row-major `h w c`, pixels in [0, 1]. */
  readonly image: Float32Array;
  /** One value per pixel, row-major; not all alike. */
  readonly map: Float32Array;
  readonly classIndex: number;
  readonly id: string;
}

/**
 * What `work` gives for every attributed image, one after the other, so that no image can change what another gets; null where the map is one
 * constant.
 *
 * @throws StudyError `core/inputs-mismatch`, `core/shape-mismatch`, `core/values-not-finite`: maps of other images, of another size, or
 * without numbers
 */
export async function eachImage<Found>(
  { images, attributions }: Given<'images' | 'attributions'>,
  reduction: ChannelReduction | undefined,
  { signal, progress }: Pick<Services, 'signal' | 'progress'>,
  work: (one: Explained) => Promise<Found>,
): Promise<readonly (Found | null)[]> {
  const { ids, classIndex, method } = attributions;
  const places = placesOf(ids, images, method);
  const maps = reduceChannels(attributions, reduction);
  expectShape(maps, [ids.length, images.height, images.width], `the attributions by "${method}"`);
  expectFinite(maps.data, `the attributions by "${method}"`);
  const found: (Found | null)[] = [];
  for (const [i, place] of places.entries()) {
    signal.throwIfAborted();
    const map = rows(maps, i, i + 1).data;
    const isFlat = map.every((value) => value === map[0]);
    const image = (await images.images([place])).data;
    found.push(isFlat ? null : await work({ image, map, classIndex: classIndex[i]!, id: ids[i]! }));
    progress({ done: i + 1, total: ids.length, unit: 'images' });
  }
  return found;
}
