import { resolve } from 'node:path';
import { type Services, StudyError, sizeOf } from '@espalier/core';
import { fileFormat, foundInstead, readRegularFile, shownPath } from '@espalier/files';
import { readSafetensors } from '@espalier/formats';
import { parametersOf } from '../graph/parameters.ts';
import type { StateDict } from '../state-dict/state-dict.ts';
import { type Architecture, usual } from './architecture.ts';
import type { StartOptions } from './start-options.ts';

/** More classes than any data set for classification has: a file with more is not for this network. */
const mostClasses = 100_000;

/**
 * The bytes of the file that the option `weights` names.
 *
 * @throws StudyError `core/data-missing` or `files/unreadable`
 */
export async function readWeightsFile<Options extends StartOptions>(
  path: string,
  architecture: Architecture<Options>,
  options: Options,
  { folder }: Pick<Services, 'folder'>,
): Promise<Uint8Array> {
  const what = `the file that the option "weights" names (${shownPath(path)})`;
  const advice = 'Give the path of a safetensors file, relative to the study file.';
  return readRegularFile(resolve(folder, path), { what, advice, most: largestFile(architecture, options) });
}

/** F64 values, each with a mask of the same type, and the longest header. */
function largestFile<Options extends StartOptions>(architecture: Architecture<Options>, options: Options): number {
  const values = parametersOf(architecture.network(options, { ...usual, classes: mostClasses }));
  return 16 * values.reduce((sum, { shape }) => sum + sizeOf(shape), 0) + 100_000_000;
}

/**
 * The arrays of a safetensors file.
 *
 * @param name what to call the file in errors
 * @throws StudyError `files/invalid` for another kind of file, saying which and how to convert it
 */
export function tensorsIn(file: Uint8Array, name: string): StateDict {
  try {
    return readSafetensors(file, name);
  } catch (cause) {
    throw explained(cause, file, name);
  }
}

/** What was thrown when a file was read as safetensors; for another kind of file, saying which and how to convert it. */
export function explained(cause: unknown, file: Uint8Array, name: string): unknown {
  const format = fileFormat(file)?.name;
  if (format === undefined || format === 'safetensors' || !StudyError.is(cause) || cause.code !== 'files/invalid')
    return cause;
  const text = `Expected a safetensors file of weights at ${name}, but ${foundInstead(file)}${conversions[format] ?? ''}.`;
  return new StudyError('files/invalid', text, { cause });
}

const fromTorch =
  '. Convert it in Python: safetensors.torch.save_file(torch.load(path, map_location="cpu", weights_only=True), "weights.safetensors"), ' +
  'with the state_dict where the file holds more';
const fromElsewhere =
  '. Load it into the network of torchvision and save its state_dict with safetensors.torch.save_file';

/** What the format itself does not advise. */
const conversions: Readonly<Record<string, string>> = {
  'torch-zip': fromTorch,
  'torch-pickle': fromTorch,
  pickle: fromTorch,
  onnx: fromElsewhere,
  hdf5: fromElsewhere,
  numpy: fromElsewhere,
  'numpy-zip': fromElsewhere,
  gguf: fromElsewhere,
};
