import type { Store } from '../store.ts';
import { codeDifferences } from './code-differences.ts';
import type { KeyRecord } from './key-record.ts';
import type { KeyComponents } from './keys.ts';

/**
 * Which results of other code count. `declared`: those whose versions promise the same and whose `cacheVersion` is the
 * same. `exact`: none.
 */
export type CodePolicy = 'declared' | 'exact';

/** A result in the store that an instance may take for its own. */
export interface FoundRecord {
  readonly record: KeyRecord;
  /** How the code that made it differs from the code at hand; empty when it does not. */
  readonly otherCode: readonly string[];
}

/**
 * The result of a key, or under the policy `declared` the newest of the same declared method.
 *
 * @param ports what it must have: a record from before its kind had all of today's outputs is no result
 */
export async function findRecord(
  store: Store,
  { key, components }: { readonly key: string; readonly components: KeyComponents },
  { code, ports }: { readonly code: CodePolicy; readonly ports: readonly string[] },
): Promise<FoundRecord | undefined> {
  const isWhole = ({ outputs }: KeyRecord): boolean => ports.every((port) => Object.hasOwn(outputs, port));
  const record = await store.record(key);
  if (record && isWhole(record)) return { record, otherCode: [] };
  if (code === 'exact') return undefined;
  const other = (await store.recordsOfOtherCode(key)).find(isWhole);
  return other && { record: other, otherCode: codeDifferences(other.components.packages, components.packages) };
}
