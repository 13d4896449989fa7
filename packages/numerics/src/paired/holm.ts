/**
 * Holm's step-down adjusted p values, in the order given: a claim may be rejected at level alpha, with the chance of any
 * false rejection in the family at most alpha, when its adjusted p is at most alpha.
 *
 * Source: Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6.
 */
export function holm(p: readonly number[]): number[] {
  const adjusted = new Array<number>(p.length);
  const order = [...p.keys()].sort((a, b) => p[a]! - p[b]! || a - b);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * p[index]!));
    adjusted[index] = largest;
  }
  return adjusted;
}
