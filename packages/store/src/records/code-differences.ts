import type { PackageCodes } from './keys.ts';

/** How the code of two results differs, where their methods declare to be the same. */
export function codeDifferences(before: PackageCodes, now: PackageCodes): readonly string[] {
  return namesOf(before, now).flatMap((name) => {
    const [old, next] = [before[name], now[name]];
    if (!old) return [`${name} takes part now`];
    if (!next) return [`${name} takes no part any more`];
    if (old.version !== next.version) return [`${name} ${old.version} -> ${next.version}, cacheVersion unchanged`];
    if (old.code === next.code) return [];
    return [next.draft ? `code of ${name}` : `code of ${name} ${next.version}, cacheVersion unchanged`];
  });
}

/** The names in either, in alphabetical order. */
function namesOf(a: object, b: object): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}
