import {
  type BankForm,
  bankForm,
  type ConceptBank,
  type ConceptExtractor,
  type ConceptImages,
  type Crop,
  scoredImages,
} from '../concept-extractor.ts';
import { placesOfLayer } from '../networks/layers.ts';
import type { Model } from '../networks/model.ts';
import type { Plugin } from '../plugin.ts';
import { promiseArray, promiseWithin } from './array.ts';
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

// CRAFT looks into concepts of concepts a few times; what goes on for ever contains itself.
const deepest = 32;

// Means of float32, summed in another order.
const rounding = 1e-5;

const nonNegative = [0, Number.POSITIVE_INFINITY] as const;
const anything = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

/** What the concepts were looked for in. */
export interface ConceptsAsked {
  readonly model: Pick<Model, 'layers' | 'input'>;
  readonly images: Pick<ConceptImages, 'ids' | 'classIndex'>;
  /** What the plugin declares of its banks; absent where the bank alone says it. */
  readonly form?: BankForm;
}

/**
 * Checks the concepts of one class: its class, images and a layer of the model; its form; arrays whose sizes agree; codes and maps
 * of the sign that the form says; crops inside of the images; and all that within each concept.
 *
 * @param by the extractor, as the study names it
 * @throws StudyError `core/plugin-invalid`
 */
export function checkConceptBank(bank: unknown, by: string, asked: ConceptsAsked): asserts bank is ConceptBank {
  const about: Promised = { by, what: `the concepts of class ${asked.images.classIndex}` };
  checkBank(bank, asked, about, 0);
  const { ids } = bank as ConceptBank; // just checked
  const expected = asked.images.ids;
  const isSame = ids.length === expected.length && ids.every((id, i) => id === expected[i]);
  promise(isSame, about, 'the ids of the images that it was given, in their order', () => written(ids.join(', ')));
}

function checkBank(bank: unknown, asked: ConceptsAsked, about: Promised, depth: number): void {
  promise(depth <= deepest, about, `at most ${deepest} levels of concepts within concepts`, () => 'more');
  promiseObject(bank, about);
  promiseOneOf(bank.classIndex, [asked.images.classIndex], about, 'classIndex');
  promiseIds(bank.ids, about, 'ids');
  const known = new Set(asked.images.ids);
  const foreign = bank.ids.find((id) => !known.has(id));
  promise(foreign === undefined, about, 'ids of the images that it was given', () => written(foreign));
  checkLearnedFrom(bank.learnedFrom, bank.ids.length, about);
  checkCrops(bank.crops, bank.ids.length, asked, about);
  const form = checkForm(bank.form, asked.form, about);
  const rank = checkArrays(bank, bank as Pick<ConceptBank, 'ids' | 'learnedFrom' | 'crops'>, { ...asked, form }, about); // just checked
  checkNames(bank.names, rank, form, about);
  checkDraws(bank.draws, bank as unknown as Pick<ConceptBank, 'importance'>, form, about); // just checked
  const error = bank.reconstructionError;
  const isError = form.rebuilds ? Number.isFinite(error) && Number(error) >= 0 : error === null;
  const expected = form.rebuilds ? 'a finite number of at least 0' : 'null in a bank that does not rebuild';
  promise(isError, about, `"reconstructionError" to be ${expected}`, () => written(error));
  promiseObject(bank.factorisation, { ...about, what: `"factorisation" of ${about.what}` });
  promiseWhole(bank.factorisation.iterations, 0, about, 'factorisation.iterations');
  promiseOneOf(bank.factorisation.stop, ['converged', 'iteration-limit'], about, 'factorisation.stop');
  checkChildren(bank.children, rank, asked, about, depth);
}

/** @returns the whole form of the bank */
function checkForm(form: unknown, declared: BankForm | undefined, about: Promised): BankForm {
  if (form !== undefined) promiseForm(form, about, 'form');
  const whole = bankForm(form);
  if (declared === undefined) return whole;
  const expected = `the form that its plugin declares as "banks", ${JSON.stringify(declared)}`;
  const isDeclared = formNames.every((name) => whole[name] === declared[name]);
  promise(isDeclared, about, expected, () => JSON.stringify(whole));
  return whole;
}

const forms = {
  codes: ['non-negative', 'signed'],
  rebuilds: [true, false],
  isNamed: [true, false],
  hasDraws: [true, false],
} as const;
const formNames = Object.keys(forms) as readonly (keyof BankForm)[]; // the record's own keys

/** What is wrong with parts of the form of banks; undefined where nothing is. */
export function formProblem(form: unknown): string | undefined {
  if (typeof form !== 'object' || form === null) return `not an object: ${written(form)}`;
  for (const [name, value] of Object.entries(form)) {
    const values: readonly unknown[] | undefined = Object.hasOwn(forms, name)
      ? forms[name as keyof BankForm]
      : undefined;
    if (!values) return `an unknown part "${name}"; known: ${formNames.join(', ')}`;
    if (!values.includes(value))
      return `"${name}" ${written(value)}, which is none of ${values.map(written).join(', ')}`;
  }
  return undefined;
}

function promiseForm(form: unknown, about: Promised, name: string): asserts form is Partial<BankForm> {
  const problem = formProblem(form);
  promise(problem === undefined, about, `"${name}" to be parts of the form of a bank`, () => problem!); // there is one
}

function checkNames(names: unknown, rank: number, { isNamed }: BankForm, about: Promised): void {
  promise(isNamed || names === undefined, about, 'no "names", as its form says', () => 'some');
  if (!isNamed) return;
  promiseIds(names, about, 'names');
  promise(names.length === rank, about, `${rank} "names", one per concept`, () => String(names.length));
}

function checkDraws(
  draws: unknown,
  { importance: { data, shape } }: Pick<ConceptBank, 'importance'>,
  { hasDraws }: BankForm,
  about: Promised,
): void {
  promise(hasDraws || draws === undefined, about, 'no "draws", as its form says', () => 'some');
  if (!hasDraws) return;
  promiseObject(draws, { ...about, what: `"draws" of ${about.what}` });
  promiseText(draws.of, about, 'draws.of');
  promiseWhole(draws.tested, 2, about, 'draws.tested');
  const { importance, chance, accuracy } = draws;
  promiseList(importance, about, 'draws.importance');
  promise(importance.length > 1, about, 'at least two rows of "draws.importance"', () => String(importance.length));
  promiseParts(chance, importance.length, about, 'draws.chance');
  promiseList(accuracy, about, 'draws.accuracy');
  const isEqual = accuracy.length === importance.length;
  promise(isEqual, about, 'as many rows of "draws.accuracy" as of "draws.importance"', () => String(accuracy.length));
  const [images, rank] = shape as [number, number]; // 'n r' has two sizes
  for (const row of accuracy) promiseParts(row, rank, about, 'draws.accuracy');
  const means = Array.from({ length: rank }, () => 0);
  for (const row of importance) {
    promiseParts(row, rank, about, 'draws.importance');
    for (const [k, value] of row.entries()) means[k]! += value / importance.length;
  }
  for (const [k, mean] of means.entries()) {
    let own = 0;
    for (let n = 0; n < images; n++) own += data[n * rank + k]! / images;
    const isMean = images > 0 && Math.abs(own - mean) <= rounding;
    promise(isMean, about, `the mean of "draws.importance" of concept ${k} to be that of its importance, ${own}`, () =>
      String(mean),
    );
  }
}

function promiseParts(
  values: unknown,
  count: number,
  about: Promised,
  name: string,
): asserts values is readonly number[] {
  promiseNumbers(values, count, about, name);
  const outside = (values as readonly number[]).find((value) => value < 0 || value > 1); // just seen
  promise(outside === undefined, about, `"${name}" in [0, 1]`, () => String(outside));
}

/** @returns how many concepts there are */
function checkArrays(
  bank: Readonly<Record<string, unknown>>,
  checked: Pick<ConceptBank, 'ids' | 'learnedFrom' | 'crops'>,
  { model, form }: ConceptsAsked & { readonly form: BankForm },
  about: Promised,
): number {
  const { ids, crops } = checked;
  const layers = model.layers.map(({ name }) => name);
  promiseOneOf(bank.layer, layers, about, 'layer');
  const layer = model.layers[layers.indexOf(bank.layer as string)]!; // one of them, as just seen
  const { height, width } = placesOfLayer(layer);
  const { dictionary, codes, maps, importance, importanceError } = bank;
  promiseArray(dictionary, 'r d', [null, layer.features], about, 'dictionary');
  const rank = dictionary.shape[0]!;
  promise(rank > 0, about, 'at least one concept in "dictionary"', () => 'none');
  promiseArray(codes, 'p r', [crops.length, rank], about, 'codes');
  promiseArray(maps, 'n h w r', [ids.length, height, width, rank], about, 'maps', ids);
  if (bank.offset !== undefined) promiseArray(bank.offset, 'd', [layer.features], about, 'offset');
  const strengths = form.codes === 'signed' ? anything : nonNegative;
  promiseWithin(codes, strengths, about, 'codes');
  promiseWithin(maps, strengths, about, 'maps', ids);
  promiseArray(importance, 'n r', [rowsOf(importance, scoredImages(checked).length), rank], about, 'importance');
  const measured = importance.shape[0]!;
  promiseArray(importanceError, 'n r', [rowsOf(importanceError, measured), rank], about, 'importanceError');
  promiseWithin(importanceError, nonNegative, about, 'importanceError');
  return rank;
}

/** Importance, or its error, is known of all images that are scored, or of none. */
function rowsOf(array: unknown, count: number): number {
  const shape = (array as Partial<ConceptBank['importance']> | null | undefined)?.shape; // looked at by promiseArray
  return shape?.[0] === 0 ? 0 : count;
}

function checkLearnedFrom(learnedFrom: unknown, images: number, about: Promised): void {
  if (learnedFrom === undefined) return;
  promiseList(learnedFrom, about, 'learnedFrom');
  for (const place of learnedFrom) promiseWhole(place, 0, about, 'learnedFrom');
  const places = learnedFrom as readonly number[]; // just seen
  const isRising = places.every((place, i) => place < images && (i === 0 || place > places[i - 1]!));
  const expected = `"learnedFrom" to be rising places below ${images}, the number of its ids, at least one`;
  promise(isRising && places.length > 0, about, expected, () => written(places.join(', ')));
}

function checkCrops(
  crops: unknown,
  images: number,
  { model: { input } }: ConceptsAsked,
  about: Promised,
): asserts crops is readonly Crop[] {
  promiseList(crops, about, 'crops');
  for (const [p, crop] of crops.entries()) {
    const one: Promised = { ...about, what: `crop ${p} of ${about.what}` };
    promiseObject(crop, one);
    promiseWhole(crop.image, 0, one, 'image');
    promise(crop.image < images, one, `"image" to be below ${images}, the number of its ids`, () =>
      written(crop.image),
    );
    promiseWhole(crop.top, 0, one, 'top');
    promiseWhole(crop.left, 0, one, 'left');
    promiseWhole(crop.size, 1, one, 'size');
    const isInside = crop.top + crop.size <= input.height && crop.left + crop.size <= input.width;
    const found = () => `${crop.size} pixels from row ${crop.top}, column ${crop.left}`;
    promise(isInside, one, `a square inside of ${input.height} x ${input.width} pixels`, found);
  }
}

function checkChildren(
  children: unknown,
  rank: number,
  asked: ConceptsAsked,
  about: Promised,
  depth: number,
): asserts children is ConceptBank['children'] {
  promiseList(children, about, 'children');
  for (const child of children) {
    promiseObject(child, { ...about, what: `"children" of ${about.what}` });
    promiseWhole(child.concept, 0, about, 'children.concept');
    const { concept } = child;
    promise(concept < rank, about, `"children.concept" to be below ${rank}`, () => written(concept));
    checkBank(
      child.bank,
      asked,
      { ...about, what: `the concepts within concept ${concept} of ${about.what}` },
      depth + 1,
    );
  }
}

/** `extractor`, held to its promises at every call. */
export function heldExtractor(extractor: unknown, by: string, { banks }: Pick<Plugin, 'banks'>): ConceptExtractor {
  promiseObject(extractor, { by, what: 'the concept extractor that it creates' }, ['extract']);
  const { extract } = extractor as unknown as ConceptExtractor; // just seen
  return {
    async extract(model, images, told) {
      const bank: unknown = await extract.call(extractor, model, images, told);
      checkConceptBank(bank, by, { model, images, form: bankForm(banks) });
      return bank;
    },
  };
}
