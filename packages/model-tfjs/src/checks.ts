import {
  expectFinite,
  expectShape,
  type InputSpec,
  type LayerInfo,
  type Masks,
  type NdArray,
  type ParameterInfo,
  StudyError,
  sizeOf,
  type Weights,
} from '@espalier/core';

/** @throws StudyError `shape-mismatch` or `values-not-finite` */
export function checkImages(images: NdArray<'n h w c'>, { height, width, channels }: InputSpec): void {
  expectShape(images, [null, height, width, channels], 'Images given to the model');
  expectFinite(images.data, 'Images given to the model');
}

/** @throws StudyError `shape-mismatch`: one whole class index per image, each below `classes` */
export function checkClassIndices(classIndex: readonly number[], images: number, classes: number): void {
  if (classIndex.length !== images) {
    throw new StudyError(
      'shape-mismatch',
      `Expected one class index per image: ${images} images, found ${classIndex.length} indices.`,
    );
  }
  const bad = classIndex.findIndex((index) => !Number.isInteger(index) || index < 0 || index >= classes);
  if (bad < 0) return;
  throw new StudyError(
    'shape-mismatch',
    `Expected class indices from 0 to ${classes - 1}, found ${classIndex[bad]} for image ${bad}.`,
  );
}

/** @throws StudyError `layer-unknown` */
export function findLayer(layers: readonly LayerInfo[], name: string): LayerInfo {
  const layer = layers.find((known) => known.name === name);
  if (layer) return layer;
  const known = layers.map((each) => `"${each.name}"`).join(', ');
  throw new StudyError('layer-unknown', `The model has no layer "${name}". Its layers are ${known}.`);
}

/** @throws StudyError `weights-mismatch`, listing missing, unknown and misshapen parameters */
export function checkWeights(parameters: readonly ParameterInfo[], weights: Weights, architecture: string): void {
  const expected = new Map(parameters.map((parameter) => [parameter.name, parameter.shape]));
  const problems = [...expected].flatMap(([name, shape]) => {
    const found = weights.get(name);
    if (!found) return [`"${name}" is missing`];
    if (found.shape.join() === shape.join()) return [];
    return [`"${name}" must have the shape [${shape.join(', ')}], found [${found.shape.join(', ')}]`];
  });
  for (const name of weights.keys()) if (!expected.has(name)) problems.push(`"${name}" is not a parameter`);
  if (problems.length > 0) {
    const more = problems.length > 12 ? [`and ${problems.length - 12} more`] : [];
    throw new StudyError(
      'weights-mismatch',
      `The weights do not fit the network ${architecture}:\n${[...problems.slice(0, 12), ...more].map((line) => `  ${line}`).join('\n')}\n` +
        'Use weights of the same architecture, width and number of classes.',
    );
  }
  for (const [name, { data }] of weights) expectFinite(data, `The parameter "${name}"`);
}

/** @throws StudyError `masks-mismatch` */
export function checkMasks(parameters: readonly ParameterInfo[], masks: Masks): void {
  for (const [name, mask] of masks) {
    const parameter = parameters.find((known) => known.name === name);
    if (!parameter || parameter.role === 'statistic') {
      throw new StudyError(
        'masks-mismatch',
        `The model has no trained parameter "${name}" to mask. Masks are keyed by names such as "${parameters[0]!.name}".`,
      );
    }
    const size = sizeOf(parameter.shape);
    if (mask.length !== size || mask.some((keep) => keep > 1)) {
      throw new StudyError(
        'masks-mismatch',
        `The mask of "${name}" must have one byte, 0 or 1, for each of its ${size} weights; found ${mask.length} bytes` +
          `${mask.length === size ? ', some larger than 1' : ''}.`,
      );
    }
  }
}
