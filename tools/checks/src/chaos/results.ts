import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a study has computed, by name: for every key the digest of its outputs, for every file the digest of its bytes.
 * Left out is when it was computed, which a report shows, too.
 */
export function resultsIn(home: string): ReadonlyMap<string, string> {
  const results = new Map<string, string>();
  for (const file of filesUnder(join(home, 'store/keys'))) {
    const { record } = JSON.parse(readFileSync(file, 'utf8'));
    const outputs = record.components.report === null ? record.outputs : null;
    results.set(record.key, digest(JSON.stringify(outputs)));
  }
  for (const file of filesUnder(join(home, 'out'))) {
    results.set(file.slice(home.length + 1), digest(withoutTime(readFileSync(file), file)));
  }
  return results;
}

/** Names whose results differ or that only one has. */
export function differences(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name)).sort();
}

function withoutTime(bytes: Buffer, file: string): string | Buffer {
  if (!/\.(html|json)$/.test(file)) return bytes;
  return bytes.toString('utf8').replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>');
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
