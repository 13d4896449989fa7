import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a run has put what it computed. */
export interface Places {
  readonly store: string;
  readonly out: string;
  readonly lock: string;
  /** Folder of the records of runs. */
  readonly runs: string;
}

/** Where a run in the folder `study` puts things when nothing is said of it. */
export function standardPlaces(study: string): Places {
  const home = join(study, '.espalier');
  return {
    store: join(home, 'store'),
    out: join(home, 'out/chaos'),
    runs: join(home, 'runs'),
    lock: join(study, 'study.lock.json'),
  };
}

/**
 * What a study has computed, by name: for every key what it is made of and the digests of its outputs, for every file
 * the digest of its bytes.
 * Nothing is masked: when and where something was computed belongs to the record of a run. Left out is a report that had to go
 * on without an instance: such a run has failed, and the next one writes the whole report.
 */
export function resultsIn({ store, out, lock }: Places): ReadonlyMap<string, string> {
  const results = new Map<string, string>();
  for (const file of filesUnder(join(store, 'keys'))) {
    const { record } = JSON.parse(readFileSync(file, 'utf8'));
    const { components, outputs, blobs } = record;
    if (components.missing) continue;
    results.set(record.key, JSON.stringify({ components, outputs, blobs }));
  }
  for (const file of filesUnder(out)) results.set(`out${file.slice(out.length)}`, digestOf(file));
  results.set('study.lock.json', digestOf(lock));
  return results;
}

/** Names whose results differ or that only one has. */
export function differences(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name)).sort();
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
