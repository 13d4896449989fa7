import { type NdArray, sizeOf } from '../array.ts';
import type { LayerOutline } from '../networks/layers.ts';
import type {
  LayerInfo,
  Masks,
  Model,
  MultiplyAccumulates,
  Numerics,
  ParameterInfo,
  Weights,
} from '../networks/model.ts';
import type { ModelSpec } from '../networks/model-factory.ts';
import { checkMask, firstBack } from './masks.ts';
import {
  type Promised,
  promise,
  promiseIds,
  promiseList,
  promiseNumbers,
  promiseObject,
  promiseOneOf,
  promiseText,
  promiseWhole,
  written,
} from './promise.ts';

// What only some models do is asked for when it is used.
const methods = ['weights', 'predict', 'inputGradient', 'activations', 'classify', 'masked', 'train'];
const roles = ['kernel', 'bias', 'scale', 'shift', 'statistic', 'embedding'];

/**
 * Checks what a model says of itself: the images and classes it was made for, its layers, parameters, masks and history.
 *
 * @param by the model's plugin, as the study names it
 * @param known masks that were checked before: the same ones are not looked at again, which takes time
 * @throws StudyError `core/plugin-invalid`
 */
export function checkModel(
  model: unknown,
  by: string,
  { input, classes }: ModelSpec,
  known?: Masks,
): asserts model is Model {
  const about: Promised = { by, what: 'the model' };
  promiseObject(model, about, methods);
  checkInput(model.input, input, about);
  promiseIds(model.classes, about, 'classes');
  const own = model.classes;
  const isSame = own.length === classes.length && own.every((name, k) => name === classes[k]);
  promise(isSame, about, `the ${classes.length} classes that it was made for`, () => written(own.join(', ')));
  checkLayers(model.layers, about);
  checkParameters(model.parameters, about);
  if (model.masks !== known) checkModelMasks(model.masks, model.parameters, about);
  checkNumerics(model.numerics, by);
  promiseList(model.history, about, 'history');
  for (const record of model.history) {
    promiseObject(record, { by, what: 'an epoch of its "history"' });
    const { epoch, loss, accuracy, learningRate } = record;
    promiseNumbers([epoch, loss, accuracy, learningRate], 4, about, 'history');
  }
}

function checkInput(input: unknown, { height, width, channels }: ModelSpec['input'], about: Promised): void {
  promiseObject(input, { ...about, what: `"input" of ${about.what}` });
  const found = [input.height, input.width, input.channels];
  const isSame = [height, width, channels].every((size, i) => size === found[i]);
  promise(isSame, about, `"input" of ${height} x ${width} x ${channels}, which it was made for`, () =>
    found.map(written).join(' x '),
  );
  promiseNumbers(input.mean, channels, about, 'input.mean');
  promiseNumbers(input.std, channels, about, 'input.std');
}

function checkLayers(layers: unknown, about: Promised): asserts layers is readonly LayerInfo[] {
  promiseList(layers, about, 'layers');
  for (const layer of layers) {
    promiseObject(layer, { ...about, what: `a layer of ${about.what}` });
    for (const size of ['height', 'width', 'features']) promiseWhole(layer[size], 1, about, `layers.${size}`);
  }
  checkLayerOutlines(layers, about);
  const checked = layers as readonly LayerInfo[]; // sizes above, the rest by their outlines
  for (const { width, height, grid } of checked) {
    if (!grid) continue;
    const tokens = grid.leading + grid.height * grid.width;
    const found = () => `${height} x ${width}`;
    promise(height === 1 && width === tokens, about, `one row of ${tokens} tokens where "layers.grid" says so`, found);
  }
}

/** Checks the names of layers, and what is said of them. */
export function checkLayerOutlines(layers: unknown, about: Promised): asserts layers is readonly LayerOutline[] {
  promiseList(layers, about, 'layers');
  for (const layer of layers) {
    promiseObject(layer, { ...about, what: `a layer of ${about.what}` });
    for (const flag of ['isStage', 'isComplete']) promiseOneOf(layer[flag], [true, false], about, `layers.${flag}`);
    for (const flag of ['hasAffineRest', 'isMap', 'isNonNegative'])
      promiseOneOf(layer[flag], [undefined, true, false], about, `layers.${flag}`);
    if (layer.grid !== undefined) checkGrid(layer.grid, about);
  }
  promiseIds(
    layers.map((layer) => (layer as Partial<LayerOutline>).name), // an object, as just seen
    about,
    'layers.name',
  );
}

function checkGrid(grid: unknown, about: Promised): void {
  promiseObject(grid, { ...about, what: `"layers.grid" of ${about.what}` });
  for (const size of ['height', 'width']) promiseWhole(grid[size], 1, about, `layers.grid.${size}`);
  promiseWhole(grid.leading, 0, about, 'layers.grid.leading');
  promiseOneOf(grid.isRead, [true, false], about, 'layers.grid.isRead');
}

function checkParameters(parameters: unknown, about: Promised): asserts parameters is readonly ParameterInfo[] {
  promiseList(parameters, about, 'parameters');
  for (const parameter of parameters) {
    promiseObject(parameter, { ...about, what: `a parameter of ${about.what}` });
    promiseOneOf(parameter.role, roles, about, 'parameters.role');
    promiseList(parameter.shape, about, 'parameters.shape');
    for (const size of parameter.shape) promiseWhole(size, 1, about, 'parameters.shape');
    promiseOneOf(parameter.outputAxis, [undefined, 0, 1], about, 'parameters.outputAxis');
    if (parameter.initial !== undefined) checkInitial(parameter.initial, about);
  }
  promiseIds(
    parameters.map((parameter) => (parameter as Partial<ParameterInfo>).name), // an object, as just seen
    about,
    'parameters.name',
  );
}

/** The number that each distribution has. */
const measures = { constant: 'value', normal: 'deviation', uniform: 'bound' } as const;

function checkInitial(initial: unknown, about: Promised): void {
  promiseObject(initial, { ...about, what: `an initial distribution of ${about.what}` });
  promiseOneOf(initial.kind, Object.keys(measures), about, 'parameters.initial.kind');
  const name = measures[initial.kind as keyof typeof measures]; // as just seen
  promiseNumbers([initial[name]], 1, about, `parameters.initial.${name}`);
}

function checkModelMasks(masks: unknown, parameters: readonly ParameterInfo[], about: Promised): void {
  promise(masks instanceof Map, about, '"masks" to be a Map of masks by parameter', () => written(masks));
  const sizes = new Map(parameters.map(({ name, shape }) => [name, sizeOf(shape)]));
  for (const [name, mask] of masks as ReadonlyMap<string, unknown>) {
    const size = sizes.get(name);
    promise(size !== undefined, about, 'names of parameters in "masks"', () => written(name));
    checkMask(mask, size, { ...about, what: `the mask of "${name}" of ${about.what}` });
  }
}

/** Checks that a model has every mask that it was given: what was removed is removed. */
export function checkHeldMasks({ masks }: Pick<Model, 'masks'>, by: string, given: Masks): void {
  if (masks === given) return;
  for (const [name, mask] of given) {
    const about: Promised = { by, what: `the mask of "${name}" of the model` };
    const held = masks.get(name);
    promise(held !== undefined, about, 'the one that it was given', () => 'none');
    const back = firstBack(mask, held);
    promise(back < 0, about, 'weights that it was given as removed to be removed', () => `1 at index ${back}`);
  }
}

/** Checks what a model, or its factory, says it computes with. */
export function checkNumerics(numerics: unknown, by: string): asserts numerics is Numerics {
  const about: Promised = { by, what: '"numerics"' };
  promiseObject(numerics, about);
  promiseText(numerics.engine, about, 'engine');
  promiseText(numerics.version, about, 'version');
  promiseOneOf(numerics.inference, ['exact', 'fast'], about, 'inference');
  promiseOneOf(numerics.training, ['exact', 'fast'], about, 'training');
}

/** Checks the counts of products: whole numbers, by names of parameters. */
export function checkMultiplyAccumulates(
  counted: unknown,
  by: string,
  { parameters }: Pick<Model, 'parameters'>,
): asserts counted is MultiplyAccumulates {
  const about: Promised = { by, what: 'its multiply-accumulates' };
  promiseObject(counted, about);
  const { perWeight, ofValues } = counted;
  promiseWhole(ofValues, 0, about, 'ofValues');
  promise(perWeight instanceof Map, about, '"perWeight" to be a Map of numbers by parameter', () => written(perWeight));
  const known = new Set(parameters.map(({ name }) => name));
  for (const [name, times] of perWeight as ReadonlyMap<string, unknown>) {
    promise(known.has(name), about, 'names of its parameters in "perWeight"', () => written(name));
    promiseWhole(times, 0, about, `perWeight of "${name}"`);
  }
}

/** Checks weights: an array of the stated shape for every parameter, and no other. Whether they are finite is not asked. */
export function checkWeights(
  weights: unknown,
  by: string,
  { parameters }: Pick<Model, 'parameters'>,
): asserts weights is Weights {
  const about: Promised = { by, what: 'the weights' };
  promise(weights instanceof Map, about, 'a Map of arrays by parameter', () => written(weights));
  const known = new Set(parameters.map(({ name }) => name));
  const foreign = [...weights.keys()].find((name) => !known.has(name));
  promise(foreign === undefined, about, 'names of its parameters', () => written(foreign));
  for (const { name, shape } of parameters) {
    const array: Partial<NdArray> | undefined = weights.get(name);
    const isArray = array?.data instanceof Float32Array && Array.isArray(array.shape);
    promise(isArray, about, `an array with float32 data and shape for "${name}"`, () => written(array));
    const { data, shape: sizes } = array as NdArray; // just seen
    const fits = sizes.join() === shape.join() && data.length === sizeOf(shape);
    promise(
      fits,
      about,
      `[${shape.join(', ')}], as stated, for "${name}"`,
      () => `[${sizes.join(', ')}], ${data.length} values`,
    );
  }
}
