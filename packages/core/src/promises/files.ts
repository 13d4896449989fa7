import type { Reporter } from '../reporter.ts';
import { type Promised, promise, promiseObject, written } from './promise.ts';

// What every file system and every web server takes for the name of a file, and nothing for a path; one folder may stand before it.
const plainName = /^(?:[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/i;
const longest = 200;

/**
 * Checks the files that a reporter returned: at least one, each with a plain name that no other has, below one folder at most, and with
 * bytes.
 *
 * @param by the reporter, as the study names it
 * @param declared names of all the files that its plugin says it writes; of folders, with `/` behind them
 * @throws StudyError `core/plugin-invalid`
 */
export function checkFiles(
  files: unknown,
  by: string,
  declared?: readonly string[],
): asserts files is ReadonlyMap<string, Uint8Array> {
  const all: Promised = { by, what: 'its files' };
  promise(files instanceof Map, all, 'a Map of bytes by file name', () => written(files));
  promise(files.size > 0, all, 'at least one file', () => 'none');
  const seen = new Map<string, string>();
  for (const [name, bytes] of files as ReadonlyMap<unknown, unknown>) {
    checkName(name, all);
    checkApart(name, seen, all);
    const isDeclared = !declared || declared.includes(name) || declared.includes(folderOf(name));
    promise(isDeclared, all, `only files that its plugin declares (${declared?.join(', ')})`, () => written(name));
    checkBytes(bytes, { by, what: `the file "${name}"` });
  }
}

/** `maps/` of `maps/1.webp`; nothing of a name without a folder. */
function folderOf(name: string): string {
  return name.slice(0, name.indexOf('/') + 1);
}

/** A file is no other's name or folder, and a folder is written in one way. */
function checkApart(name: string, seen: Map<string, string>, about: Promised): void {
  const folder = folderOf(name).slice(0, -1);
  for (const [part, kept] of [
    [folder, folderOf(name)],
    [name, name],
  ] as const) {
    const other = seen.get(part.toLowerCase());
    const isApart = part === '' || other === undefined || (other === kept && kept !== name);
    promise(isApart, about, 'names that differ by more than upper and lower case', () =>
      [other, name].map(written).join(' and '),
    );
    if (part !== '') seen.set(part.toLowerCase(), kept);
  }
}

function checkName(name: unknown, about: Promised): asserts name is string {
  promise(typeof name === 'string', about, 'names that are texts', () => written(name));
  const isPlain = plainName.test(name) && name.length <= longest;
  const expected = `plain names: at most ${longest} letters, digits, dots, dashes and underscores, a letter or digit first, and one folder of such a name at most`;
  promise(isPlain, about, expected, () => written(name));
}

function checkBytes(bytes: unknown, about: Promised): void {
  promise(bytes instanceof Uint8Array, about, 'bytes (a Uint8Array)', () => written(bytes));
  promise(bytes.length > 0, about, 'at least one byte', () => 'none');
}

/** `reporter`, held to its promises at every call. */
export function heldReporter(reporter: unknown, by: string, declared?: readonly string[]): Reporter {
  promiseObject(reporter, { by, what: 'the reporter that it creates' }, ['write']);
  const { write } = reporter as unknown as Reporter; // just seen
  return {
    async write(inputs) {
      const files: unknown = await write.call(reporter, inputs);
      checkFiles(files, by, declared);
      return files;
    },
  };
}
