import { writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { randomStream } from '@espalier/core';
import * as planted from '@espalier/data-planted';
import { openStudy } from '@espalier/runner';
import { haveClash, hostileName, isPlainName, variantOf } from './hostile-names.ts';
import { oneOf, shuffled } from './random-choice.ts';
import type { Case, Target } from './target.ts';

/** Names that become files: labels and outputs of studies, planned. No two go into one file, and none out of its folder. */
export function labelsTarget(folder: string): Target {
  const file = join(folder, 'study.json');
  const packages = new Map<string, unknown>([['@espalier/data-planted', planted]]);
  const filesOf = async (study: unknown): Promise<readonly string[]> => {
    writeFileSync(file, JSON.stringify(study));
    await using opened = await openStudy({ file, packages });
    return opened.plan.outputs.flatMap(({ paths }) => paths);
  };
  const labels = (values: readonly string[]): Case => ({
    place: /study\.json:\d+:\d+/,
    read: () => filesOf(studyOf(values, { data: { $from: 'data.eval' } })),
    expected: labelsOutcome(values),
    judge: (files) => labelsProblem(files as readonly string[], values), // what is read
  });
  const outputs = (names: readonly string[]): Case => ({
    place: /study\.json:\d+:\d+/,
    read: () => filesOf(studyOf(['a'], Object.fromEntries(names.map((name) => [name, { $from: 'data.eval' }])))),
    expected: outputsOutcome(names),
    judge: (files) => outputsProblem(files as readonly string[], names), // what is read
  });
  return {
    name: 'names',
    sound: [labels(['a', 'b']), outputs(['a.json', 'b/c.json'])],
    generators: [
      { name: 'labels', make: (label) => labels(namesFor('labels', label)) },
      { name: 'outputs', make: (label) => outputs(namesFor('outputs', label)) },
    ],
    leaves: ['study.json', '.espalier'],
  };
}

/** Two or three names, of which one is often hostile, or a variant of another. */
function namesFor(what: string, label: string): readonly string[] {
  const random = randomStream(0, what, label);
  const isTame = what === 'outputs' && random.integer(2) === 0;
  const names = ['plain.json', isTame ? 'Arm.json' : hostileName(random)];
  const last = oneOf(random, [
    () => 'b/c',
    () => hostileName(random),
    () => variantOf(names[random.integer(2)]!, random),
  ])();
  // JSON has one value for a name; a label that is there twice is another matter.
  const all = shuffled(random, [...names, last]);
  return what === 'outputs' ? [...new Set(all)] : all;
}

function studyOf(labels: readonly string[], outputs: unknown): unknown {
  return {
    apiVersion: 'study/v1',
    name: 'names',
    plugins: { data: '@espalier/data-planted' },
    seed: 1,
    nodes: { data: { use: 'data/planted', matrix: { arm: labels } } },
    outputs,
  };
}

function labelsOutcome(labels: readonly string[]): Case['expected'] {
  const shown = JSON.stringify(labels);
  if (labels.some((label) => label === '' || /[[\],=\n]/.test(label)))
    return { outcome: 'refused', since: `a label in ${shown} cannot be part of an instance's name` };
  if (new Set(labels).size < labels.length) return { outcome: 'refused', since: `a label in ${shown} is there twice` };
  if (haveClash(labels)) return { outcome: 'refused', since: `labels in ${shown} are one file somewhere` };
  const isLong = labels.some((label) => Buffer.byteLength(label) > 150); // between it and the limit lies the encoding
  return isLong ? undefined : { outcome: 'accepted', since: `all of ${shown} can be files` };
}

function labelsProblem(files: readonly string[], labels: readonly string[]): string | undefined {
  const decoded = files.map((file) => /^data\/data\[arm=(.*)\]\.json$/su.exec(decode(file))?.[1]);
  if (JSON.stringify(decoded) !== JSON.stringify(labels))
    return `${JSON.stringify(labels)} became ${JSON.stringify(files)}, from which they cannot be told`;
  return filesProblem(files);
}

function outputsOutcome(names: readonly string[]): Case['expected'] {
  const shown = JSON.stringify(names);
  const bad = names.find((name) => !name.split('/').every(isPlainName) || Buffer.byteLength(name) > 800);
  if (bad !== undefined) return { outcome: 'refused', since: `${JSON.stringify(bad)} is no file everywhere` };
  const above = names.flatMap((name) =>
    name
      .split('/')
      .slice(0, -1)
      .map((_, i, parts) => parts.slice(0, i + 1).join('/')),
  );
  const isBelow = names.some((name) => above.some((folder) => haveClash([name, folder])));
  if (haveClash(names) || isBelow) return { outcome: 'refused', since: `names in ${shown} are one file somewhere` };
  return { outcome: 'accepted', since: `all of ${shown} can be files` };
}

function outputsProblem(files: readonly string[], names: readonly string[]): string | undefined {
  const found = JSON.stringify([...files].sort());
  return found === JSON.stringify([...names].sort()) ? filesProblem(files) : `${JSON.stringify(names)} became ${found}`;
}

/** What is wrong with files that are to be written below one folder. */
function filesProblem(files: readonly string[]): string | undefined {
  if (haveClash(files)) return `${JSON.stringify(files)} are one file somewhere`;
  const root = resolve('out');
  const bad = files.find((file) => {
    const path = relative(root, resolve(root, file));
    return path === '' || path.startsWith('..') || !file.split('/').every(isPlainName);
  });
  return bad === undefined ? undefined : `${JSON.stringify(bad)} is no file in its folder everywhere`;
}

/** The text behind a file's name: `%2F` is a byte of UTF-8, `%uD800` half of a pair. */
function decode(name: string): string {
  return name.replace(/%u([0-9A-F]{4})|((?:%[0-9A-F]{2})+)/g, (_, half: string | undefined, bytes: string) =>
    half === undefined
      ? Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8')
      : String.fromCharCode(Number.parseInt(half, 16)),
  );
}
