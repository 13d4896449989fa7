import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import type { PublishedClaim } from '@espalier/analysis';
import { type OptionFinding, StudyError } from '@espalier/core';
import { foundInstead, readRegularFileSync, shownPath } from '@espalier/files';
import * as z from 'zod';
import { type PublishedValues, publishedValues } from './published-values.ts';

// A thousand series of a thousand points are less.
const mostBytes = 64 * 2 ** 20;

const purpose = { what: 'published values', most: mostBytes, advice: 'Correct the option "published" of the report.' };

/**
 * Reads a file of published values.
 *
 * @param name a path from `folder`, which starts with a dot or is absolute, or a file that an installed package exports
 * @param folder the study's
 * @throws StudyError `core/data-missing` where there is none, `files/invalid` where it is none
 */
export function readPublished(name: string, folder: string): PublishedValues {
  const path = pathOf(name, folder);
  const parsed = publishedValues.safeParse(jsonOf(path));
  if (parsed.success) return parsed.data;
  throw invalid(
    path,
    `does not hold published values as the report's README describes them:\n${z.prettifyError(parsed.error)}`,
  );
}

/** The claims of publications, as they are judged. */
export function publishedClaims(published: readonly PublishedValues[]): readonly PublishedClaim[] {
  return published.flatMap(({ name, claims }) =>
    claims.map(({ text, stands, test, why }) => ({
      publication: name,
      ...{ text, stands, test: test ?? null, why: why ?? null },
    })),
  );
}

/** What `readPublished` would refuse, before anything runs. */
export function publishedFindings(names: readonly string[], folder: string): readonly OptionFinding[] {
  return names.flatMap((name, i): OptionFinding[] => {
    try {
      readPublished(name, folder);
      return [];
    } catch (error) {
      if (!StudyError.is(error)) throw error;
      return [{ path: ['published', i], text: error.message }];
    }
  });
}

/** A digest of all that the files say. */
export function publishedDigest(names: readonly string[], folder: string): string {
  const hash = createHash('sha256');
  for (const name of names) hash.update(JSON.stringify(readPublished(name, folder)));
  return hash.digest('hex');
}

function pathOf(name: string, folder: string): string {
  if (/^\.\.?\//.test(name) || isAbsolute(name)) return resolve(folder, name);
  const { resolve: locate } = createRequire(import.meta.url);
  try {
    return locate(name, { paths: [resolve(folder), process.cwd(), import.meta.dirname] });
  } catch (cause) {
    throw new StudyError(
      'core/data-missing',
      `Expected "${name}" to be a file of published values that an installed package exports; found none. ` +
        `Install the package, or write a path that starts with "./", which starts at the study's folder.`,
      { cause },
    );
  }
}

function jsonOf(path: string): unknown {
  const bytes = readRegularFileSync(path, purpose);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    const found = foundInstead(bytes) ?? (cause instanceof Error ? cause.message : String(cause));
    throw invalid(path, `is not JSON: ${found}. ${purpose.advice}`);
  }
}

function invalid(path: string, text: string): StudyError {
  return new StudyError('files/invalid', `${shownPath(path)} ${text}`);
}
