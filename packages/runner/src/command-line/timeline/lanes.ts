/** Something that takes time, from `start` to `end`. */
interface Interval {
  readonly start: number;
  readonly end: number;
}

/**
 * A lane for each interval, so that no two in a lane overlap: the lowest free one, in the order of their starts.
 *
 * @param intervals ordered by start
 */
export function lanesOf(intervals: readonly Interval[]): readonly number[] {
  const ends: number[] = [];
  return intervals.map(({ start, end }) => {
    const free = ends.findIndex((until) => until <= start);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = end;
    return lane;
  });
}

/** How many intervals are open from each moment on at which that changes, in order of time. */
export function openAtOnce(intervals: readonly Interval[]): readonly { readonly at: number; readonly count: number }[] {
  const changes = new Map<number, number>();
  const change = (at: number, by: number) => changes.set(at, (changes.get(at) ?? 0) + by);
  for (const { start, end } of intervals) {
    if (end <= start) continue;
    change(start, 1);
    change(end, -1);
  }
  let count = 0;
  return [...changes]
    .sort(([a], [b]) => a - b)
    .filter(([, by]) => by !== 0)
    .map(([at, by]) => {
      count += by;
      return { at, count };
    });
}
