import { type NdArray, rowSize } from '../array.ts';
import { StudyError } from '../errors.ts';
import type { Model } from '../networks/model.ts';
import type { ModelAbility } from '../networks/model-abilities.ts';
import type { ModelFactory } from '../networks/model-factory.ts';
import { promiseShape } from './array.ts';
import { checkChannelGroups } from './channel-groups.ts';
import { checkHeldMasks, checkModel, checkMultiplyAccumulates, checkNumerics, checkWeights } from './models.ts';
import { type Promised, promiseObject, promiseText } from './promise.ts';
import { checkRelevance } from './relevance.ts';

/** `factory`, held to its promises, and so is every model that it makes. */
export function heldFactory(factory: unknown, by: string): ModelFactory {
  const about: Promised = { by, what: 'the model factory that it creates' };
  promiseObject(factory, about, ['create', 'restore', ...('numerics' in Object(factory) ? ['numerics'] : [])]);
  promiseText(factory.architecture, about, 'architecture');
  const made = factory as unknown as ModelFactory; // just seen
  return {
    architecture: made.architecture,
    create: async (spec, seed) => heldModel(await made.create(spec, seed), by, spec),
    async restore(spec, state) {
      const model = heldModel(await made.restore(spec, state), by, spec);
      checkHeldMasks(model, by, state.masks);
      return model;
    },
    ...(made.numerics && {
      async numerics() {
        const numerics: unknown = await made.numerics?.();
        checkNumerics(numerics, by);
        return numerics;
      },
    }),
  };
}

/**
 * `model`, held to its promises at every call, and so are the models that it becomes. What it has beyond its port it keeps.
 *
 * @param known masks that were checked before
 */
export function heldModel(
  model: unknown,
  by: string,
  spec: Pick<Model, 'input' | 'classes'>,
  known?: Model['masks'],
): Model {
  checkModel(model, by, spec, known);
  const { input, classes, layers, parameters, masks, numerics, history } = model;
  const asked: Asked = (method) => {
    promiseObject(model, { by, what: 'the model' }, [method]);
    return model;
  };
  const held = (next: unknown, given: Model['masks'] = masks): Model => {
    const becomes = heldModel(next, by, spec, masks);
    checkHeldMasks(becomes, by, given);
    return becomes;
  };
  return {
    ...model,
    ...{ input, classes, layers, parameters, masks, numerics, history },
    async weights() {
      const weights: unknown = await model.weights();
      checkWeights(weights, by, model);
      return weights;
    },
    predict: async (images) => soundLogits(await model.predict(images), by, [images.shape[0]!, classes.length]),
    classify: async (activations, layer) =>
      soundLogits(await model.classify(activations, layer), by, [activations.shape[0]!, classes.length]),
    async inputGradient(images, classIndex) {
      const gradient: unknown = await model.inputGradient(images, classIndex);
      promiseShape(gradient, 'n h w c', images.shape, { by, what: 'its input gradient' }, 'gradient');
      expectSound(gradient, by, 'slope');
      return gradient;
    },
    async activations(images, layer) {
      const found: unknown = await model.activations(images, layer);
      promiseShape(
        found,
        'n h w d',
        activationShape(layers, layer, images),
        { by, what: `its activations of "${layer}"` },
        'activations',
      );
      return found;
    },
    ...heldGradients(asked, by, { layers, parameters }),
    compacted: async () => heldModel(await asked('compacted').compacted(), by, spec),
    ...heldStructure(asked, by, { parameters }),
    masked: async (more) => held(await model.masked(more), more),
    async withWeights(weights, others = masks) {
      return held(await asked('withWeights').withWeights(weights, others), others);
    },
    async withNormalisation({ mean, std }) {
      return heldModel(await asked('withNormalisation').withNormalisation({ mean, std }), by, spec, masks);
    },
    train: async (source, options, hooks) => held(await model.train(source, options, hooks)),
    [Symbol.dispose]: () => model[Symbol.dispose](),
  };
}

/** What is asked for when it is used. */
type Asked = (method: ModelAbility) => Model;

function heldStructure(
  asked: Asked,
  by: string,
  model: Pick<Model, 'parameters'>,
): Pick<Model, 'channelGroups' | 'multiplyAccumulates'> {
  return {
    channelGroups() {
      const groups: unknown = asked('channelGroups').channelGroups();
      checkChannelGroups(groups, by, model);
      return groups;
    },
    multiplyAccumulates() {
      const counted: unknown = asked('multiplyAccumulates').multiplyAccumulates();
      checkMultiplyAccumulates(counted, by, model);
      return counted;
    },
  };
}

function heldRelevance(
  asked: Asked,
  by: string,
  { layers, parameters }: Pick<Model, 'layers' | 'parameters'>,
): Pick<Model, 'inputRelevance' | 'activationRelevance' | 'kernelRelevance'> {
  return {
    async inputRelevance(images, classIndex, rules) {
      const found: unknown = await asked('inputRelevance').inputRelevance(images, classIndex, rules);
      checkRelevance(found, by, images);
      expectSound(found.values, by, 'relevance');
      return found;
    },
    async activationRelevance(images, layer, classIndex, rules) {
      const found: unknown = await asked('activationRelevance').activationRelevance(images, layer, classIndex, rules);
      const about = { by, what: `its relevance at "${layer}"` };
      promiseShape(found, 'n h w d', activationShape(layers, layer, images), about, 'relevance');
      expectSound(found, by, 'relevance');
      return found;
    },
    async kernelRelevance(images, classIndex, rules) {
      const found: unknown = await asked('kernelRelevance').kernelRelevance(images, classIndex, rules);
      checkWeights(found, by, { parameters: parameters.filter(({ role }) => role === 'kernel') });
      return found;
    },
  };
}

function heldGradients(
  asked: Asked,
  by: string,
  { layers, parameters }: Pick<Model, 'layers' | 'parameters'>,
): Pick<Model, 'activationGradient' | 'parameterGradient' | 'inputSquares' | keyof ReturnType<typeof heldRelevance>> {
  return {
    ...heldRelevance(asked, by, { layers, parameters }),
    async activationGradient(images, layer, classIndex) {
      const gradient: unknown = await asked('activationGradient').activationGradient(images, layer, classIndex);
      const about = { by, what: `its gradient at "${layer}"` };
      promiseShape(gradient, 'n h w d', activationShape(layers, layer, images), about, 'gradient');
      expectSound(gradient, by, 'slope');
      return gradient;
    },
    async parameterGradient(images, of) {
      const gradients: unknown = await asked('parameterGradient').parameterGradient(images, of);
      const trained = parameters.filter(({ role }) => role !== 'statistic');
      checkWeights(gradients, by, { parameters: trained });
      return gradients;
    },
    async inputSquares(images) {
      const squares: unknown = await asked('inputSquares').inputSquares(images);
      checkWeights(squares, by, { parameters: parameters.filter(({ role }) => role === 'kernel') });
      return squares;
    },
  };
}

function activationShape(layers: Model['layers'], layer: string, { shape }: NdArray): readonly (number | null)[] {
  const size = layers.find(({ name }) => name === layer);
  return [shape[0]!, size?.height ?? null, size?.width ?? null, size?.features ?? null];
}

function soundLogits(found: unknown, by: string, shape: readonly number[]): NdArray<'n k'> {
  promiseShape(found, 'n k', shape, { by, what: 'its logits' }, 'logits');
  expectSound(found, by, 'logit');
  return found;
}

/**
 * Not a promise: weights that come from a file, or a training that diverged, make numbers that are not finite in a sound model.
 *
 * @throws StudyError `core/values-not-finite`
 */
function expectSound(array: NdArray, by: string, what: string): void {
  const { data } = array;
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const image = Math.floor(i / rowSize(array));
    throw new StudyError(
      'core/values-not-finite',
      `A model of ${by} gives the ${what} ${data[i]} for image ${image} of ${array.shape[0]}. Its weights are not finite or too large, ` +
        'as after a training that diverged: look at the log of its training, or give it other weights.',
    );
  }
}
