import { resolve } from 'node:path';
import { type Services, StudyError, sizeOf, type Weights } from '@espalier/core';
import { fileFormat, foundInstead, readRegularFile, shownPath } from '@espalier/files';
import { readSafetensors } from '@espalier/formats';
import { checkWeights, parametersOf, readStateDict } from '@espalier/nn';
import { type Architecture, resnet } from './network.ts';

/** Which file, and which network its weights are for. */
export interface WeightsFile {
  /** From the study's folder. */
  readonly path: string;
  readonly architecture: Architecture;
  readonly width: number;
}

/** More classes than any data set for classification has: a file with more is not for this network. */
const mostClasses = 100_000;

/**
 * The bytes of the file that the option `weights` names.
 *
 * @throws StudyError `core/data-missing` or `files/unreadable`
 */
export async function readWeightsFile(
  { path, architecture, width }: WeightsFile,
  { folder }: Pick<Services, 'folder'>,
): Promise<Uint8Array> {
  const what = `the file that the option "weights" names (${shownPath(path)})`;
  const advice = 'Give the path of a safetensors file, relative to the study file.';
  return readRegularFile(resolve(folder, path), { what, advice, most: largestFile(architecture, width) });
}

/** F64 values, each with a mask of the same type, and the longest header. */
function largestFile(architecture: Architecture, width: number): number {
  const values = parametersOf(resnet(architecture, mostClasses, width)).map(({ shape }) => sizeOf(shape));
  return 16 * values.reduce((sum, size) => sum + size, 0) + 100_000_000;
}

/**
 * The weights in the bytes of a file, by torchvision's names.
 *
 * @param classes how many the network tells apart; absent where they are not known yet: then as many as the file has
 * @throws StudyError `files/invalid` for another kind of file; `core/weights-mismatch`, `core/values-not-finite` or `core/not-supported`
 */
export function weightsIn(
  file: Uint8Array,
  { path, architecture, width }: WeightsFile,
  log: Services['log'],
  classes?: number,
): Weights {
  const name = shownPath(path);
  const { tensors, dtypes } = tensorsIn(file, name);
  const parameters = parametersOf(resnet(architecture, classes ?? 1, width));
  const weights = readStateDict({ tensors, dtypes }, parameters, { name, log });
  const found = weights.get('fc.weight')?.shape[0];
  const network = resnet(architecture, classes ?? found ?? 1, width);
  try {
    checkWeights(parametersOf(network), weights, architecture);
  } catch (cause) {
    if (!StudyError.is(cause)) throw cause;
    throw new StudyError(cause.code, `${name}: ${cause.message}`, { cause });
  }
  return weights;
}

function tensorsIn(file: Uint8Array, name: string) {
  try {
    return readSafetensors(file, name);
  } catch (cause) {
    const format = fileFormat(file)?.name;
    if (format === undefined || format === 'safetensors' || !StudyError.is(cause) || cause.code !== 'files/invalid')
      throw cause;
    throw new StudyError(
      'files/invalid',
      `Expected a safetensors file of weights at ${name}, but ${foundInstead(file)}${conversions[format] ?? ''}.`,
      { cause },
    );
  }
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
