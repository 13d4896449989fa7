import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyComponents } from '@espalier/store';
import type { PlannedInstance } from '@espalier/study';
import { nodeOf } from '../text/format.ts';
import { type RecordedKey, type RecordedRun, recordedKeys, recordedRuns } from './recorded-runs.ts';

/** A key that an instance had in an earlier run. */
export interface EarlierKey extends RecordedKey {
  readonly run: RecordedRun;
}

/** What earlier runs of a study computed, from their records alone. */
export interface RunHistory {
  /**
   * The earlier key that is most like `components`: of the same instance, else of its node, else of its plugin; of
   * equals the latest.
   */
  nearest(instance: PlannedInstance, components: Partial<KeyComponents>): EarlierKey | undefined;
  /** What an instance was in the run of another. */
  inRun(instance: string, run: RecordedRun): EarlierKey | undefined;
}

// Bounds the time that looking back takes; what is older explains little.
const mostRuns = 8;
const mostBytes = 24_000_000;
const mostRelatives = 32;

/** Reads the last runs of the study `name` under `runsFolder`; where there are none, nothing is known. */
export async function readHistory(runsFolder: string, name: string): Promise<RunHistory> {
  // It only explains: what of it cannot be read explains nothing.
  const all = await recordedRuns(runsFolder).catch(() => []);
  const runs = all.filter(({ study }) => study.name === name).slice(0, mostRuns);
  const byInstance = new Map<string, EarlierKey[]>();
  const relatives = new Map<string, EarlierKey[]>();
  let bytes = 0;
  for (const run of runs) {
    bytes += await stat(join(run.folder, 'keys.ndjson')).then(
      ({ size }) => size,
      () => 0,
    );
    if (bytes > mostBytes) break;
    for (const recorded of await recordedKeys(run).catch(() => [])) {
      const earlier = { ...recorded, run };
      listAt(byInstance, recorded.instance).push(earlier);
      for (const relation of [`node ${nodeOf(recorded.instance)}`, `type ${recorded.components.type}`]) {
        const list = listAt(relatives, relation);
        if (list.length < mostRelatives) list.push(earlier);
      }
    }
  }
  return {
    nearest({ id, node, type }, components) {
      const candidates = byInstance.get(id) ?? relatives.get(`node ${node}`) ?? relatives.get(`type ${type.id}`) ?? [];
      let best: EarlierKey | undefined;
      let fewest = Number.POSITIVE_INFINITY;
      for (const candidate of candidates) {
        const count = differing(candidate.components, components);
        if (count < fewest) [best, fewest] = [candidate, count];
      }
      return best;
    },
    inRun: (instance, run) => byInstance.get(instance)?.find((earlier) => earlier.run.id === run.id),
  };
}

/** How many of the components that are known differ. Both were written by the same code, so their texts compare. */
function differing(earlier: KeyComponents, now: Partial<KeyComponents>): number {
  const fields = Object.keys(now) as (keyof KeyComponents)[]; // its own
  return fields.filter((field) => JSON.stringify(earlier[field]) !== JSON.stringify(now[field])).length;
}

function listAt(map: Map<string, EarlierKey[]>, key: string): EarlierKey[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}
