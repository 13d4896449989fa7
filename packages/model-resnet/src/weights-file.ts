import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Services, StudyError } from '@espalier/core';

/**
 * The bytes of the file that the option `weights` names.
 *
 * @param path from the study's folder
 * @throws StudyError `data-missing`
 */
export async function readWeightsFile(path: string, { folder }: Services): Promise<Uint8Array> {
  const found = resolve(folder, path);
  try {
    return await readFile(found);
  } catch (cause) {
    throw new StudyError(
      'data-missing',
      `The option "weights" names the file ${path}, which cannot be read (looked at ${found}). Give a path relative to the study file.`,
      { cause },
    );
  }
}
