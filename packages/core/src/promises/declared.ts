import { type ModelAbility, modelAbilities } from '../networks/model-abilities.ts';
import { type LayerNeed, layerDemands, type ModelNeeds } from '../planning/model-needs.ts';
import type { DatasetOutline, ModelOutline, OptionFinding } from '../planning/plan-knowledge.ts';
import type { Kind, Plugin } from '../plugin.ts';
import { checkLayerOutlines } from './models.ts';
import {
  type Promised,
  promise,
  promiseIds,
  promiseList,
  promiseObject,
  promiseOneOf,
  promiseText,
  promiseWhole,
  written,
} from './promise.ts';
import { checkOperations, checkRules } from './relevance.ts';

/*
 * What a plugin says beside its port. Each function asks a plugin, named `by`, and checks the answer.
 *
 * @throws StudyError `core/plugin-invalid`
 */

/** What is wrong with `options` in the place that the plan has for them. */
export function findingsOf(
  { check }: Pick<Plugin, 'check'>,
  by: string,
  ...asked: Parameters<NonNullable<Plugin['check']>>
): readonly OptionFinding[] {
  if (!check) return [];
  const about: Promised = { by, what: 'what its "check" found' };
  const found: unknown = check(...asked);
  promiseList(found, about, 'findings');
  return found.map((finding) => {
    promiseObject(finding, about);
    const { path, text } = finding;
    promiseText(text, about, 'text');
    checkPath(path, about);
    return { path, text };
  });
}

/** A digest of what `options` point to outside the study; null where the plugin has none. */
export async function fingerprintOf(
  { fingerprint }: Pick<Plugin, 'fingerprint'>,
  by: string,
  ...asked: Parameters<NonNullable<Plugin['fingerprint']>>
): Promise<string | null> {
  if (!fingerprint) return null;
  const digest: unknown = await fingerprint(...asked);
  promiseText(digest, { by, what: 'its fingerprint' }, 'fingerprint');
  return digest;
}

/** Height and width of evaluated images in pixels; undefined where the options do not say them. */
export function imageSizeOf(
  { imageSize }: Pick<Plugin, 'imageSize'>,
  by: string,
  ...asked: Parameters<NonNullable<Plugin['imageSize']>>
): { readonly height: number; readonly width: number } | undefined {
  const size: unknown = imageSize?.(...asked);
  if (size === undefined) return undefined;
  const about: Promised = { by, what: 'its image size' };
  promiseObject(size, about);
  const { height, width } = size;
  promiseWhole(height, 1, about, 'height');
  promiseWhole(width, 1, about, 'width');
  return { height, width };
}

/** Bytes that a process wants at its peak; undefined where the plugin gives no estimate. */
export function memoryOf(
  { memory }: Pick<Plugin, 'memory'>,
  by: string,
  ...asked: Parameters<NonNullable<Plugin['memory']>>
): number | undefined {
  const bytes: unknown = memory?.(...asked);
  if (bytes === undefined) return undefined;
  const isCount = typeof bytes === 'number' && Number.isFinite(bytes) && bytes >= 0;
  promise(isCount, { by, what: 'its memory' }, 'bytes, a finite number of at least 0', () => written(bytes));
  return bytes;
}

/** About what a method asks of a network; undefined where its plugin cannot say. */
export function passesOf(
  { passes }: Pick<Plugin, 'passes'>,
  by: string,
  ...asked: Parameters<NonNullable<Plugin['passes']>>
): { readonly forward: number; readonly gradient: number } | undefined {
  const found: unknown = passes?.(...asked);
  if (found === undefined) return undefined;
  const about: Promised = { by, what: 'its passes' };
  promiseObject(found, about);
  if (found.forward === undefined && found.gradient === undefined) return undefined;
  const { forward = 0, gradient = 0 } = found;
  promiseWhole(forward, 0, about, 'forward');
  promiseWhole(gradient, 0, about, 'gradient');
  return { forward, gradient };
}

/** What is known of a data set before it is opened; undefined where nothing is. */
export function dataOutlineOf(
  { dataOutline }: Pick<Plugin, 'dataOutline'>,
  by: string,
  ...asked: Parameters<NonNullable<Plugin['dataOutline']>>
): DatasetOutline | undefined {
  const outline: unknown = dataOutline?.(...asked);
  if (outline === undefined) return undefined;
  const about: Promised = { by, what: 'its outline of the data' };
  promiseObject(outline, about);
  const { height, width, classes, regions, mostPerClass } = outline;
  promiseWhole(height, 1, about, 'height');
  promiseWhole(width, 1, about, 'width');
  promiseIds(classes, about, 'classes');
  if (regions !== undefined) promiseIds(regions, about, 'regions');
  if (mostPerClass === undefined) return { height, width, classes, regions };
  promiseObject(mostPerClass, about);
  const counts = (part: 'train' | 'tune' | 'val'): readonly number[] => {
    const found = mostPerClass[part];
    const isCounts =
      Array.isArray(found) && found.length === classes.length && found.every((n) => Number.isInteger(n) && n >= 0);
    promise(isCounts, about, `"mostPerClass.${part}" to be a count for each class`, () => written(found));
    return found;
  };
  return {
    height,
    width,
    classes,
    regions,
    mostPerClass: { train: counts('train'), tune: counts('tune'), val: counts('val') },
  };
}

/** What is known of a network before it is made; undefined where nothing is. */
export function modelOutlineOf(
  { modelOutline }: Pick<Plugin, 'modelOutline'>,
  by: string,
  ...asked: Parameters<NonNullable<Plugin['modelOutline']>>
): ModelOutline | undefined {
  const outline: unknown = modelOutline?.(...asked);
  if (outline === undefined) return undefined;
  const about: Promised = { by, what: 'its outline of the network' };
  promiseObject(outline, about);
  const { layers, kernels, operations, channels, abilities } = outline;
  checkLayerOutlines(layers, about);
  promiseIds(kernels, about, 'kernels');
  if (operations !== undefined) checkOperations(operations, about);
  promise(channels === undefined || typeof channels === 'function', about, '"channels" to be a function', () =>
    written(channels),
  );
  return {
    ...{ layers, kernels },
    ...(operations !== undefined && { operations }),
    ...(channels !== undefined && { channels: channels as NonNullable<ModelOutline['channels']> }), // as just seen
    ...(abilities !== undefined && { abilities: checkedAbilities(abilities, about) }),
  };
}

/** What a method asks of a model; nothing where its plugin does not say it. */
export function needsOf<Options>(
  { needs }: Pick<Plugin<Kind, Options>, 'needs'>,
  by: string,
  options: Options,
): ModelNeeds {
  if (!needs) return {};
  const about: Promised = { by, what: 'its needs' };
  const found: unknown = needs(options);
  promiseObject(found, about);
  const { abilities = [], layers = [], rules } = found;
  promiseList(layers, about, 'layers');
  if (rules !== undefined) checkRules(rules, about);
  return {
    ...(rules !== undefined && { rules }),
    abilities: checkedAbilities(abilities, about),
    layers: layers.map((layer) => {
      promiseObject(layer, about);
      const { path, name, demand } = layer;
      checkPath(path, about);
      if (name !== null) promiseText(name, about, 'layers.name');
      promiseOneOf(demand, layerDemands, about, 'layers.demand');
      return { path, name, demand: demand as LayerNeed['demand'] }; // as just seen
    }),
  };
}

function checkedAbilities(found: unknown, about: Promised): readonly ModelAbility[] {
  promiseIds(found, about, 'abilities');
  for (const ability of found) promiseOneOf(ability, modelAbilities, about, 'abilities');
  return found as readonly ModelAbility[]; // as just seen
}

function checkPath(path: unknown, about: Promised): asserts path is OptionFinding['path'] {
  promiseList(path, about, 'path');
  const isStep = (step: unknown): step is string | number => typeof step === 'string' || Number.isInteger(step);
  promise(path.every(isStep), about, '"path" of names and whole numbers', () => written(path.join('.')));
}

/** The sparsity that a pruner's instance is called by; undefined where its plugin does not say it. */
export function levelOf({ level }: Pick<Plugin, 'level'>, by: string, options: unknown): number | undefined {
  if (!level) return undefined;
  const found: unknown = level(options);
  const isFraction = typeof found === 'number' && found >= 0 && found <= 1;
  promise(isFraction, { by, what: 'its level' }, 'a fraction in [0, 1]', () => written(found));
  return found;
}

/** What a person should know of `options` before anything runs. */
export function notesOf(
  { notes }: Pick<Plugin, 'notes'>,
  by: string,
  ...asked: Parameters<NonNullable<Plugin['notes']>>
): readonly string[] {
  const found: unknown = notes?.(...asked) ?? [];
  const about: Promised = { by, what: 'its notes' };
  promiseList(found, about, 'notes');
  return found.map((note) => {
    promiseText(note, about, 'note');
    return note;
  });
}
