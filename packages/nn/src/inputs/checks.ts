import {
  expectFinite,
  expectShape,
  type InputSpec,
  type Masks,
  type NdArray,
  type ParameterInfo,
  StudyError,
  sizeOf,
  type Weights,
} from '@espalier/core';
import type { Network, Shape } from '../graph/network.ts';

/** @throws StudyError `core/shape-mismatch` or `core/values-not-finite` */
export function checkImages(images: NdArray<'n h w c'>, { height, width, channels }: InputSpec): void {
  expectShape(images, [null, height, width, channels], 'Images given to the model');
  expectFinite(images.data, 'Images given to the model');
}

/** @throws StudyError `core/shape-mismatch`: one whole class index per image, each below `classes` */
export function checkClassIndices(classIndex: readonly number[], images: number, classes: number): void {
  if (classIndex.length !== images) {
    throw new StudyError(
      'core/shape-mismatch',
      `Expected one class index per image: ${images} images, found ${classIndex.length} indices.`,
    );
  }
  const bad = classIndex.findIndex((index) => !Number.isInteger(index) || index < 0 || index >= classes);
  if (bad < 0) return;
  throw new StudyError(
    'core/shape-mismatch',
    `Expected class indices from 0 to ${classes - 1}, found ${classIndex[bad]} for image ${bad}.`,
  );
}

/** Labels, or slopes at the logits. @throws StudyError `core/shape-mismatch` or `core/values-not-finite` */
export function checkDifferentiated(of: readonly number[] | NdArray<'n k'>, images: number, classes: number): void {
  if ('data' in of) {
    expectShape(of, [images, classes], 'Slopes at the logits given to the model');
    expectFinite(of.data, 'Slopes at the logits given to the model');
  } else checkClassIndices(of, images, classes);
}

/** @throws StudyError `nn/shape` when the network does not give one logit for each class */
export function checkLogits(
  { architecture, output }: Network,
  shapes: ReadonlyMap<string, Shape>,
  classes: readonly string[],
): void {
  const shape = shapes.get(output) ?? [];
  if (shape.length === 1 && shape[0] === classes.length) return;
  throw new StudyError(
    'nn/shape',
    `The network ${architecture} must give one logit for each of ${classes.length} classes; its output "${output}" is [${shape.join(', ')}].`,
  );
}

/**
 * @throws StudyError `core/weights-mismatch`, listing missing, unknown and misshapen parameters, or naming a variance that is none;
 * `core/values-not-finite`, naming the parameter
 */
export function checkWeights(parameters: readonly ParameterInfo[], weights: Weights, architecture: string): void {
  const expected = new Map(parameters.map((parameter) => [parameter.name, parameter.shape]));
  const misfits = parameters.flatMap(({ name, shape }) => {
    const found = weights.get(name);
    if (!found) return [{ name, text: `"${name}" is missing` }];
    if (found.shape.join() === shape.join()) return [];
    const shapes = `the shape [${shape.join(', ')}], found [${found.shape.join(', ')}]`;
    return [{ name, text: `"${name}" must have ${shapes}` }];
  });
  for (const name of weights.keys()) {
    if (!expected.has(name)) misfits.push({ name, text: `"${name}" is not a parameter` });
  }
  if (misfits.length > 0) {
    const more = misfits.length > 12 ? [`and ${misfits.length - 12} more`] : [];
    const lines = [...misfits.slice(0, 12).map(({ text }) => text), ...more].map((line) => `  ${line}`);
    const names = misfits.map(({ name }) => name);
    throw new StudyError(
      'core/weights-mismatch',
      `The weights do not fit the network ${architecture}:\n${lines.join('\n')}\n${remedy(parameters, weights, names)}`,
    );
  }
  for (const [name, { data }] of weights) {
    expectFinite(data, `The parameter "${name}"`);
    if (name.endsWith('.running_var')) checkVariance(name, data);
  }
}

/** Another number of classes is the commonest reason, and the only one that can be told from the shapes alone. */
function remedy(parameters: readonly ParameterInfo[], weights: Weights, misfits: readonly string[]): string {
  const same = 'Use weights of the same architecture, width and number of classes.';
  const classifier = parameters.findLast(({ role, shape }) => role === 'kernel' && shape.length === 2);
  const found = classifier && weights.get(classifier.name);
  if (found?.shape.length !== 2 || !misfits.includes(classifier!.name)) return same;
  const prefix = classifier!.name.replace(/[^.]*$/, '');
  if (!misfits.every((name) => name.startsWith(prefix)) || found.shape[1] !== classifier!.shape[1]) return same;
  return `They tell ${found.shape[0]} classes apart, the data has ${classifier!.shape[0]}. ${same}`;
}

/** A root is taken of it: below 0 there is none, and some engines go on with other numbers. */
function checkVariance(name: string, data: Float32Array): void {
  const at = data.findIndex((value) => value < 0);
  if (at < 0) return;
  throw new StudyError(
    'core/weights-mismatch',
    `The parameter "${name}" must hold variances, which are 0 or more; found ${data[at]} at index ${at} of ${data.length}. ` +
      'The weights are damaged, or not what their names say: write or download them again.',
  );
}

/** @throws StudyError `core/masks-mismatch` */
export function checkMasks(parameters: readonly ParameterInfo[], masks: Masks): void {
  for (const [name, mask] of masks) {
    const parameter = parameters.find((known) => known.name === name);
    if (!parameter || parameter.role === 'statistic') {
      throw new StudyError(
        'core/masks-mismatch',
        `The model has no trained parameter "${name}" to mask. Masks are keyed by names such as "${parameters[0]!.name}".`,
      );
    }
    const size = sizeOf(parameter.shape);
    if (mask.length !== size || mask.some((keep) => keep > 1)) {
      throw new StudyError(
        'core/masks-mismatch',
        `The mask of "${name}" must have one byte, 0 or 1, for each of its ${size} weights; found ${mask.length} bytes` +
          `${mask.length === size ? ', some larger than 1' : ''}.`,
      );
    }
  }
}
