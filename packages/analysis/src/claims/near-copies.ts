import { fewestUnits, mean, type PairedDesign } from '@espalier/numerics';

/** Correlation of two definitions' differences from which nine tenths of what one says are said by the other: its square is 0.9. */
const nearCopyCorrelation = Math.sqrt(0.9);

/**
 * For each of `others`, the place of the definition that it nearly copies: 0 for `own`, 1 for the first of `others`, and so on; null where it
 * says something of its own. Definitions that copy each other agree because they are one, not because a finding is robust.
 *
 * A near copy has a mean of the same sign, and differences that go up and down with those of the other, sample by sample. Below ten shared
 * samples nobody can tell, and all count. A copy is held against nothing further, so the first of each kind stands for it.
 */
export function nearCopies(own: PairedDesign, others: readonly PairedDesign[]): readonly (number | null)[] {
  const designs = [own, ...others].map(meanDifferences);
  const copies: (number | null)[] = [];
  for (const [i, design] of designs.entries()) {
    const earlier = designs.findIndex((other, j) => j < i && copies[j] === null && areCopies(other, design));
    copies.push(earlier < 0 ? null : earlier);
  }
  return copies.slice(1);
}

/** By sample, the mean over replicates. */
function meanDifferences({ ids, differences }: PairedDesign): ReadonlyMap<string, number> {
  return new Map(ids.map((id, sample) => [id, mean(differences.map((row) => row[sample]!))]));
}

function areCopies(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  const shared = [...a.keys()].filter((id) => b.has(id));
  if (shared.length < fewestUnits) return false;
  const [x, y] = [a, b].map((values) => shared.map((id) => values.get(id)!)) as [number[], number[]]; // two lists
  const [meanX, meanY] = [mean(x), mean(y)];
  if (Math.sign(meanX) !== Math.sign(meanY)) return false;
  let [both, ofX, ofY] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [fromX, fromY] = [x[i]! - meanX, y[i]! - meanY];
    both += fromX * fromY;
    ofX += fromX ** 2;
    ofY += fromY ** 2;
  }
  if (ofX === 0 || ofY === 0) return ofX === ofY && meanX === meanY;
  return both / Math.sqrt(ofX * ofY) >= nearCopyCorrelation;
}
