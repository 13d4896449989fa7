import type { ArtifactRef, KeyRecord, Store } from '@espalier/store';
import { readManifest } from '../artifacts/index.ts';
import { openStore } from '../plugins/open-store.ts';
import { keyDifferences } from './key-differences.ts';
import { type RecordedKey, type RecordedRun, recordedEvents, recordedKeys } from './recorded-runs.ts';

/** One instance in two runs. */
export interface InstanceComparison {
  readonly instance: string;
  readonly state: 'same' | 'differs' | 'only-first' | 'only-second';
  /** What caused the difference, in words. */
  readonly causes: readonly string[];
  /** Those that came with the instance itself and not with its inputs: where differences start. */
  readonly own: readonly string[];
  /** Means over the samples of what was measured, where both runs have them. */
  readonly numbers: readonly { readonly name: string; readonly first: number | null; readonly second: number | null }[];
}

interface Side {
  readonly keys: ReadonlyMap<string, RecordedKey>;
  /** The key under which the result was kept: that of other code where such a result was taken. */
  readonly kept: ReadonlyMap<string, string>;
  readonly store: Store;
}

/** Compares two runs instance by instance, from their records and stores alone. */
export async function compareRuns(first: RecordedRun, second: RecordedRun): Promise<readonly InstanceComparison[]> {
  const [before, after] = [await sideOf(first), await sideOf(second)];
  const names = [...new Set([...before.keys.keys(), ...after.keys.keys()])];
  return Promise.all(
    names.map(async (instance): Promise<InstanceComparison> => {
      const [old, now] = [before.keys.get(instance), after.keys.get(instance)];
      const numbers = await numbersOf(instance, before, after);
      if (!old || !now) {
        return { instance, state: old ? 'only-first' : 'only-second', causes: [], own: [], numbers };
      }
      const isSame = old.key === now.key && before.kept.get(instance) === after.kept.get(instance);
      const differences = keyDifferences(old.components, now.components);
      const causes = differences.map(({ text }) => text);
      const own = now.components.report === null ? differences.flatMap(({ port, text }) => (port ? [] : [text])) : [];
      return { instance, state: isSame ? 'same' : 'differs', causes, own, numbers };
    }),
  );
}

async function sideOf(run: RecordedRun): Promise<Side> {
  const keys = new Map((await recordedKeys(run)).map((recorded) => [recorded.instance, recorded]));
  const kept = new Map(
    (await recordedEvents(run)).flatMap((event) =>
      event.type === 'cached' || event.type === 'done' ? [[event.instance, event.key] as const] : [],
    ),
  );
  return { keys, kept, store: await openStore(run.store) };
}

async function numbersOf(instance: string, before: Side, after: Side): Promise<InstanceComparison['numbers']> {
  const [first, second] = [await scoresOf(instance, before), await scoresOf(instance, after)];
  return [...new Set([...first.keys(), ...second.keys()])].map((name) => ({
    name,
    first: first.get(name) ?? null,
    second: second.get(name) ?? null,
  }));
}

/** The mean over samples of every score that an instance left in the store; none where it left none. */
async function scoresOf(instance: string, { kept, store }: Side): Promise<ReadonlyMap<string, number>> {
  const key = kept.get(instance);
  const record: KeyRecord | undefined = key === undefined ? undefined : await store.record(key);
  const means = new Map<string, number>();
  for (const artifact of Object.values(record?.outputs ?? {}) as readonly ArtifactRef[]) {
    if (artifact.kind !== 'scores') continue;
    const { json } = await readManifest(store, artifact);
    for (const { metric, values } of json as readonly { metric: string; values: readonly number[] }[]) {
      if (values.length === 0) continue;
      means.set(metric, values.reduce((sum, value) => sum + value, 0) / values.length); // written by the codec of scores
    }
  }
  return means;
}
