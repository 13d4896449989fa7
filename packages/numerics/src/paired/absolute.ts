/** The absolute values, sorted. */
export function bySize(values: Float64Array): Float64Array {
  return values.map(Math.abs).sort();
}

/** For each place, the largest absolute value of all lists; sorted. */
export function largestBySize(lists: readonly Float64Array[]): Float64Array {
  const largest = new Float64Array(lists[0]?.length ?? 0);
  for (const values of lists)
    for (let i = 0; i < largest.length; i++) largest[i] = Math.max(largest[i]!, Math.abs(values[i]!));
  return largest.sort();
}
