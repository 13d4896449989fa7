import type { Model } from '@espalier/core';
import type { Explained } from './looking-package.ts';

/** What is wrong with a pruned model, a clause each. @param level the fraction that it was asked for; undefined where it is only called so */
export async function faultsOfMasks(model: Model, level: number | undefined): Promise<readonly string[]> {
  const { masks } = model;
  const values = await model.weights();
  const counts = [...masks].map(([name, mask]) => {
    const { data } = values.get(name)!;
    return {
      all: mask.length,
      removed: mask.filter((keep) => keep === 0).length,
      moved: data.filter((value, i) => mask[i] === 0 && value !== 0).length,
    };
  });
  const sum = (of: 'all' | 'removed' | 'moved') => counts.reduce((total, count) => total + count[of], 0);
  const [all, removed, moved] = [sum('all'), sum('removed'), sum('moved')];
  return [
    ...(removed === 0 || removed === all ? [`${removed} of ${all} weights are removed`] : []),
    // Each kernel may be off by half a weight.
    ...(level !== undefined && Math.abs(removed - level * all) > masks.size / 2
      ? [`${removed} of ${all} weights are removed: another level than ${level}`]
      : []),
    ...(moved > 0 ? [`${moved} weights that are removed are not zero`] : []),
  ];
}

/** What is wrong with maps, a clause each: they are dead, or add up to something else than they say. */
export function faultsOfMaps({ maps, logits, atMean }: Explained): readonly string[] {
  const { values, diagnostics, unit } = maps;
  const size = values.data.length / logits.length;
  return logits.flatMap((logit, n) => {
    const map = values.data.subarray(n * size, (n + 1) * size);
    const [sum, scale] = [
      map.reduce((all, value) => all + value, 0),
      map.reduce((all, value) => all + Math.abs(value), 0),
    ];
    if (!Number.isFinite(sum)) return [`map ${n} is not finite`];
    if (scale === 0) return [`map ${n} is zero everywhere`];
    const told = (name: string) => diagnostics[name]?.[n] ?? 0;
    const isOf = (name: string) => name in diagnostics;
    const isShares = unit === 'logit' && (isOf('absorbed') || isOf('delta'));
    const goal = isOf('absorbed') ? logit - told('absorbed') - told('withheld') : logit - atMean[n]!;
    const missed = sum - goal - told('delta');
    return isShares && Math.abs(missed) > 1e-4 * (scale + Math.abs(logit))
      ? [`map ${n} adds up to ${sum}, not ${goal + told('delta')}`]
      : [];
  });
}
