/** How well a map picks out a region: the three measures of one map, values in [0, 1] for a map without negatives. */
export interface RegionMeasures {
  /** Whether the largest value lies inside. */
  readonly pointing: number;
  /** Share of the map's sum that lies inside; null where the sum is 0. */
  readonly mass: number | null;
  /** Share of the K largest values that lie inside, where K is the size of the region. */
  readonly rank: number;
}

/**
 * The measures, with ties counted as they come out on average: of tied values, each is as likely to be the largest, or
 * among the K largest, as any other. So a uniform map scores the region's share of the image, on all three.
 *
 * @param map one value per pixel
 * @param region one byte per pixel, 1 inside; at least one pixel is
 *
 * Source: Arras et al. (2022), "CLEVR-XAI", https://arxiv.org/abs/2003.07258, for mass and rank; Zhang et al. (2018),
 * "Top-Down Neural Attention by Excitation Backprop", https://arxiv.org/abs/1608.00507, for pointing.
 */
export function measureRegion(map: Float32Array, region: Uint8Array): RegionMeasures {
  const size = region.reduce((sum, inside) => sum + inside, 0);
  const sorted = map.slice().sort();
  const most = sorted.at(-1)!;
  const lowestOfTop = sorted[sorted.length - size]!;
  const [largest, top, tied] = [share(), share(), share()];
  for (let i = 0; i < map.length; i++) {
    if (map[i] === most) largest.add(region[i]!);
    if (map[i]! > lowestOfTop) top.add(region[i]!);
    else if (map[i] === lowestOfTop) tied.add(region[i]!);
  }
  const fromTies = ((size - top.count) * tied.inside) / tied.count;
  return { pointing: largest.inside / largest.count, mass: mass(map, region), rank: (top.inside + fromTies) / size };
}

/**
 * The measures as Quantus 0.5.3 takes them: any largest value inside is a hit; of values that tie for the K-th place,
 * those with higher indices count.
 */
export function measureRegionAsQuantus(map: Float32Array, region: Uint8Array): RegionMeasures {
  const size = region.reduce((sum, inside) => sum + inside, 0);
  const most = map.reduce((largest, value) => Math.max(largest, value), Number.NEGATIVE_INFINITY);
  const order = Uint32Array.from(map.keys()).sort((a, b) => map[a]! - map[b]! || a - b);
  const top = order.subarray(order.length - size);
  return {
    pointing: Number(map.some((value, i) => value === most && region[i] === 1)),
    mass: mass(map, region),
    rank: top.reduce((sum, i) => sum + region[i]!, 0) / size,
  };
}

function mass(map: Float32Array, region: Uint8Array): number | null {
  let [inside, total] = [0, 0];
  for (let i = 0; i < map.length; i++) {
    inside += map[i]! * region[i]!;
    total += map[i]!;
  }
  return total === 0 ? null : inside / total;
}

function share() {
  const counts = {
    count: 0,
    inside: 0,
    add(isInside: number): void {
      counts.count++;
      counts.inside += isInside;
    },
  };
  return counts;
}
