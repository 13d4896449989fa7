import type { MissingInput } from '@espalier/core';
import { ascending, group } from 'd3-array';
import { count } from '../text/numbers.ts';
import { hasValue, type ScoreResult } from './score-results.ts';

/** What a report had to go on without: a headline, and a line for each cause. */
export interface Gap {
  readonly headline: string;
  readonly lines: readonly string[];
}

// More names than this hide the cause that they have in common.
const mostNames = 6;

/** What failed, with what is missing because of it; then the scores that no sample has a value for, with the reason. */
export function gapsOf(missing: readonly MissingInput[], scores: readonly ScoreResult[]): readonly Gap[] {
  return [failures(missing), emptyScores(scores)].filter((gap) => gap !== null);
}

function failures(missing: readonly MissingInput[]): Gap | null {
  if (missing.length === 0) return null;
  const ordered = [...missing].sort((a, b) => ascending(a.origin.instance, b.origin.instance));
  const causes = [...group(ordered, ({ failed }) => failed)].sort(([a], [b]) => ascending(a, b));
  const names = new Set(missing.map(({ origin }) => origin.instance));
  const lines = causes.map(([failed, parts]) => {
    const { code, text } = parts[0]!;
    const without = [...new Set(parts.map(({ origin }) => origin.instance))].filter((name) => name !== failed);
    const rest = without.length > 0 ? ` Without it, there is no ${listed(without)}.` : '';
    return `${failed} failed [${code}]: ${text}${rest}`;
  });
  const results = count(names.size, 'result is', 'results are');
  return { headline: `${results} missing, because ${count(causes.length, 'instance')} failed.`, lines };
}

function emptyScores(scores: readonly ScoreResult[]): Gap | null {
  const empty = scores.filter((result) => !hasValue(result));
  if (empty.length === 0) return null;
  const byReason = group(empty, ({ words, omitted }) =>
    JSON.stringify([words.name, omitted.map(({ reason }) => reason).join('; ')]),
  );
  const lines = [...byReason].map(([key, results]) => {
    const [name, reason] = JSON.parse(key) as [string, string]; // made just above
    return `${name} of ${listed(results.map(({ origin }) => origin.instance))}: ${reason || 'no reason is given'}.`;
  });
  return { headline: `${count(empty.length, 'score')} without a value on any sample.`, lines };
}

function listed(names: readonly string[]): string {
  const more = names.length - mostNames;
  return `${names.slice(0, mostNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
