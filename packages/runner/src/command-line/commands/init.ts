import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { StudyError } from '@espalier/core';
import { fileError } from '@espalier/files';
import { withFileSize } from '../init/file-size.ts';
import { type Ask, initChoices } from '../init/init-choices.ts';
import type { InitFlags } from '../init/init-flags.ts';
import { initStudy } from '../init/init-study.ts';
import type { Output } from './output.ts';
import { type PlanFlags, planCommand } from './plan.ts';

/** Writes a study for somebody's images and network, and shows what it would run. Nothing that is there is written over. */
export async function initCommand(
  file: string,
  flags: InitFlags,
  ask: Ask | undefined,
  output: Output,
): Promise<number> {
  const path = resolve(file);
  const choices = await withFileSize(await initChoices(flags, path, ask), path);
  await writeNew(path, initStudy(nameOf(path), choices));
  output.write(`wrote    ${path}\n`);
  return planned(file, { json: false, time: flags.time ?? true }, output);
}

/** Shows the plan. The study stays where it is wrong, since its options are more than the flags: what to do with it is said, too. */
async function planned(file: string, flags: PlanFlags, output: Output): Promise<number> {
  const way = `Mend it in ${file}, or remove ${file} and call init with other flags.`;
  try {
    const code = await planCommand({ file }, flags, output);
    output.write(code === 0 ? `Run it:  espalier run ${file}\n` : `${way}\n`);
    return code;
  } catch (cause) {
    if (!StudyError.is(cause)) throw cause;
    throw new StudyError(cause.code, `${cause.message}\n${way}`, { cause });
  }
}

/** The name of a study after its file; letters, digits, - and _ are kept. */
function nameOf(path: string): string {
  const plain = basename(path)
    .replace(/\.jsonc?$/, '')
    .replaceAll(/[^A-Za-z0-9_-]/g, '-');
  return /^[A-Za-z]/.test(plain) ? plain : `study-${plain}`;
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    if (!isThere) throw fileError(cause, path, { what: 'a place for the study' });
    const text = `${path} is there already, and is left as it is. Name another file: espalier init other.json.`;
    throw new StudyError('runner/init-invalid', text, { cause });
  }
}
