/**
 * Shares a count among rows of one length as evenly as what they have already allows: where nothing is there yet, shares differ by one at most,
 * and the first rows have more. A larger count gives no row less.
 *
 * @param count at most `rows x length`
 * @param present what each row has already, in total at most `count`; none gets less
 * @returns the share of each row
 */
export function evenShares(count: number, length: number, present: readonly number[]): readonly number[] {
  const total = (level: number) => present.reduce((sum, own) => sum + Math.max(own, level), 0);
  let level = 0;
  while (level < length && total(level + 1) <= count) level++;
  let more = count - total(level);
  return present.map((own) => {
    const isShort = own <= level && level < length && more > 0;
    if (isShort) more--;
    return Math.max(own, level) + Number(isShort);
  });
}
