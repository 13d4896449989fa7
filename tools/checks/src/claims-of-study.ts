import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type PublishedValues, readPublished } from '@espalier/report';

/** The part of a `results.json` that says what published claims come to. */
interface JudgedResults {
  readonly published: readonly {
    readonly publication: string;
    readonly text: string;
    readonly found: { readonly asked: readonly string[] };
  }[];
}

/** The publications whose claims a study's reports are set beside, by the name that the study gives. */
export function publicationsOf(file: string): ReadonlyMap<string, PublishedValues> {
  const named = new Set<string>();
  JSON.parse(readFileSync(file, 'utf8'), (key, value) => {
    if (key === 'published') for (const name of value) named.add(name);
    return value;
  });
  return new Map([...named].map((name) => [name, readPublished(name, dirname(file))]));
}

/**
 * Throws unless every report of a run sets every claim of the study's publications beside what was found, and `least` of those claims
 * were measured in one report at least.
 */
export function checkClaims(file: string, folder: string, least: number): string {
  const reports = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(^|\/)results\.json$/.test(name),
  );
  if (reports.length === 0) throw new Error(`${folder}: expected a results.json, found none.`);
  const measured = new Set<string>();
  const claims = [...publicationsOf(file).values()].flatMap(({ name, claims: own }) =>
    own.map(({ text }) => ({ publication: name, text })),
  );
  for (const report of reports) {
    const { published }: JudgedResults = JSON.parse(readFileSync(join(folder, report), 'utf8'));
    for (const { publication, text } of claims) {
      const found = published.filter((one) => one.publication === publication && one.text === text);
      if (found.length === 0)
        throw new Error(`${report}: the claim \u201c${text}\u201d of ${publication} is not in it.`);
      if (found.some((one) => one.found.asked.length > 0)) measured.add(`${publication} ${text}`);
    }
  }
  if (claims.length === 0 || measured.size < least)
    throw new Error(`${file}: expected ${least} claims to be measured, found ${measured.size} of ${claims.length}.`);
  return `${claims.length} published claims in ${reports.length} reports, ${measured.size} of them measured`;
}
