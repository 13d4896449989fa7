import { relative, resolve, sep } from 'node:path';
import { StudyError } from '@espalier/core';
import {
  type ArtifactRef,
  canonicalJson,
  type KeyComponents,
  keyOf,
  type PackageCode,
  type PackageCodes,
  type Store,
} from '@espalier/store';
import { checkedManifest } from '../artifacts/index.ts';
import { packageCodes } from '../plugins/package-code.ts';
import { findPackage, isPackageName, runnerFolder } from '../plugins/package-resolution.ts';
import { artifactsOf, type Task, type TaskPlace } from './task.ts';
import { keyInputsOf, reportDigest } from './task-of.ts';
import { taskShape } from './task-shape.ts';

/**
 * A task that came as JSON, from a queue or a file: whoever wrote it may have meant harm. What its key states is what it asks for,
 * as far as that shows without its plugin, which is asked where it runs.
 *
 * @throws StudyError `files/invalid`, naming what is not as its key says
 */
export function checkedTask(value: unknown): Task {
  const task = taskShape(value);
  const { components } = task;
  if (task.key !== keyOf(components)) throw disagrees('key', 'its parts');
  const { inputs, baseline, provenance } = task;
  const stated: Pick<KeyComponents, 'type' | 'seed' | 'inputs' | 'baseline' | 'report'> = {
    type: `${task.package}/${task.plugin}`,
    seed: task.seed,
    inputs: keyInputsOf(inputs, provenance !== null),
    baseline: baseline && keyInputsOf(baseline, provenance !== null),
    report: provenance && reportDigest(provenance),
  };
  for (const [name, found] of Object.entries(stated)) {
    const expected = components[name as keyof typeof stated]; // its own names
    if (canonicalJson(found) !== canonicalJson(expected)) throw disagrees(name, 'what its key is made of');
  }
  checkPlace(task);
  return task;
}

/**
 * Checks that packages are ones that a study may name: by npm's name, or a path inside of its folder or to it.
 *
 * @throws StudyError `core/plugin-invalid`
 */
export function checkPlace({ packages, folder }: TaskPlace): void {
  for (const specifier of Object.values(packages)) {
    if (isPackageName(specifier)) continue;
    const way = relative(resolve(folder), resolve(folder, specifier));
    const isRelative = specifier === '.' || specifier.startsWith('./');
    if (isRelative && way !== '..' && !way.startsWith(`..${sep}`)) continue;
    throw new StudyError(
      'core/plugin-invalid',
      `The task names the package ${JSON.stringify(specifier)}. From elsewhere, only packages by name and those inside the study's folder are run: ` +
        'put it there, and name it by "." or a path that starts with "./".',
    );
  }
}

/** Checks that what a task takes is in the store, and is what its key states. @throws StudyError `files/invalid`, `store/corrupt` */
export async function checkInputs(task: Task, store: Store): Promise<void> {
  const refs = new Map(artifactsOf(task).map((artifact) => [canonicalJson(artifact), artifact]));
  for (const artifact of refs.values()) await checkArtifact(artifact, store);
}

/** @throws StudyError as {@link checkInputs} does */
export async function checkArtifact(artifact: ArtifactRef, store: Store): Promise<void> {
  const { kind, digest } = await checkedManifest(store, artifact.manifest);
  if (kind !== artifact.kind || digest !== artifact.digest)
    throw disagrees(`input ${artifact.manifest.slice(0, 12)}`, 'what the store holds of it');
}

function disagrees(what: string, other: string): StudyError {
  return new StudyError(
    'files/invalid',
    `The ${what} of this task is not that of ${other}. It was changed by hand, or comes from another version of Espalier.`,
  );
}

/**
 * Checks tasks of runs on other machines: the code of their packages is that of this machine's, and no other takes part. It is
 * looked at once: processes that are already started have it.
 *
 * @param machine the name of this one
 */
export function codeCheck(machine: string): (task: Task) => void {
  const known = new Map<string, PackageCodes>();
  const codesOf = (specifier: string, folder: string): PackageCodes => {
    const place = `${specifier} ${folder}`;
    const codes = known.get(place) ?? codesHere(specifier, folder);
    known.set(place, codes);
    return codes;
  };
  return (task) => {
    const used = new Set([task.package, ...Object.keys(task.components.opens).map(packageOf)]);
    if (task.kind === null) used.delete(task.package); // built in
    const here: Record<string, PackageCode> = {};
    for (const name of used) {
      const specifier = Object.hasOwn(task.packages, name) ? task.packages[name] : undefined;
      if (specifier !== undefined) Object.assign(here, codesOf(specifier, task.folder));
    }
    const stated = task.components.packages;
    for (const name of new Set([...used, ...Object.keys(stated), ...Object.keys(here)])) {
      const expected = Object.hasOwn(stated, name) ? stated[name] : undefined;
      const found = Object.hasOwn(here, name) ? here[name] : undefined;
      if (!expected) throw disagrees(`package ${name}`, 'what its key is made of');
      if (found?.version !== expected.version || found.code !== expected.code || found.draft !== expected.draft)
        throw otherCode(name, expected, found, machine);
    }
  };
}

/** `@espalier/model-resnet` of `@espalier/model-resnet/resnet18`. */
function packageOf(type: string): string {
  return type.slice(0, Math.max(0, type.lastIndexOf('/')));
}

function codesHere(specifier: string, folder: string): PackageCodes {
  const found = findPackage(specifier, [folder, process.cwd(), runnerFolder]);
  return found ? packageCodes(found) : {};
}

function otherCode(name: string, expected: PackageCode, found: PackageCode | undefined, machine: string): StudyError {
  const has = found ? `has ${codeText(found)}` : 'has none';
  return new StudyError(
    'core/plugin-invalid',
    `The run uses ${name} ${codeText(expected)}; the worker on ${machine} ${has}. ` +
      'Install the same on both, and start the worker again in that copy.',
  );
}

function codeText({ version, code }: PackageCode): string {
  return code === null ? version : `${version} (code ${code.slice(0, 12)})`;
}
