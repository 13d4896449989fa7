import { dirname } from 'node:path';
import { imageSizeOf, StudyError } from '@espalier/core';
import { packageLoader } from '../../plugins/plugin-packages.ts';
import type { InitChoices } from './init-choices.ts';

/** The package that reads networks from files. */
export const filePackage = '@espalier/model-onnx';

/**
 * The choices with images of the size that the network's file takes, where it takes one alone and nobody said another. What is wrong with
 * the file is for the plan to say.
 *
 * @throws StudyError `runner/init-invalid` where its images are not square, as those of datasets are
 */
export async function withFileSize(choices: InitChoices, studyPath: string): Promise<InitChoices> {
  const { network, size } = choices;
  if (!('onnx' in network) || size !== undefined) return choices;
  const folder = dirname(studyPath);
  const { plugins } = await packageLoader().load(filePackage, folder);
  const model = [...plugins.values()].find(({ kind }) => kind === 'model');
  const { onnx: file, mean, std } = network;
  const options = model?.options.safeParse({ file, mean, std });
  const found = model && options?.success && imageSizeOf(model, filePackage, options.data, { folder });
  if (!found) return choices;
  if (found.height === found.width) return { ...choices, size: found.height };
  throw new StudyError(
    'runner/init-invalid',
    `${file} takes images of ${found.height} x ${found.width} pixels; those of datasets are square. Export the network for square images, or with open sizes.`,
  );
}
