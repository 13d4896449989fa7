import type { Measurement } from '../metric.ts';
import { promiseArray } from './array.ts';
import { promiseSettings } from './explanations.ts';
import {
  type Promised,
  promise,
  promiseIds,
  promiseList,
  promiseNumbers,
  promiseObject,
  promiseOneOf,
  promiseText,
  written,
} from './promise.ts';

const directions = ['higher-is-better', 'lower-is-better', 'neither'];
const samples = ['image', 'parameter', 'network', 'class', 'concept'];

// A mean of numbers that are at their bound may be rounded past it.
const rounding = 1e-6;

/**
 * Checks what a metric returned: names, fields with known values, one finite number in its range for every sample, and a
 * reason for every image that has none.
 *
 * @param by the metric, as the study names it
 * @param images ids of the images that were measured, where they are known
 * @throws StudyError `core/plugin-invalid`
 */
export function checkScores(
  scores: unknown,
  by: string,
  images?: readonly string[],
): asserts scores is readonly Measurement[] {
  const all: Promised = { by, what: 'its scores' };
  promise(Array.isArray(scores) && scores.length > 0, all, 'a list with at least one score', () => written(scores));
  const list: readonly (Partial<Measurement> | null)[] = scores;
  for (const one of list) {
    promise(typeof one === 'object' && one !== null, all, 'objects', () => written(one));
    promiseText(one.metric, all, 'metric');
  }
  promiseIds(
    list.map((one) => one!.metric),
    all,
    'metric',
  );
  const names = list.flatMap((one) => one!.words?.name ?? []);
  promiseIds(names, all, 'words.name');
  const metrics = list.map((one) => one!.metric!);
  for (const one of list) {
    const about: Promised = { by, what: `the scores "${one!.metric}"` };
    checkScore(one as Measurement, about, images); // checked here
    checkDifference(one!.difference, metrics, about);
  }
}

function checkScore(scores: Measurement, about: Promised, images: readonly string[] | undefined): void {
  promiseOneOf(scores.direction, directions, about, 'direction');
  promiseOneOf(scores.sample, samples, about, 'sample');
  promiseOneOf(scores.summary, ['mean', 'last'], about, 'summary');
  promiseText(scores.aspect, about, 'aspect');
  promise(scores.aspect.length <= 60, about, '"aspect" to be a few words', () => `${scores.aspect.length} characters`);
  promiseOneOf(scores.role, ['primary', 'sanity-check', 'companion'], about, 'role');
  promiseOneOf(scores.isCorrectness, [undefined, true], about, 'isCorrectness');
  promiseOneOf(scores.isFairAtBaseline, [undefined, true], about, 'isFairAtBaseline');
  checkAnswers(scores, about);
  promiseOneOf(scores.isTiming, [undefined, true], about, 'isTiming');
  promiseOneOf(
    scores.comparedOn,
    scores.sample === 'image' ? [undefined, 'correct-by-all'] : [undefined],
    about,
    'comparedOn',
  );
  const isMargin = scores.margin === undefined || (Number.isFinite(scores.margin) && scores.margin > 0);
  promise(isMargin, about, '"margin" above 0', () => written(scores.margin));
  checkBar(scores, about);
  checkWords(scores.words, about);
  promiseSettings(scores.settings, about);
  promiseIds(scores.ids, about, 'ids');
  checkSharedFits(scores, about);
  checkRange(scores, about);
  checkOmitted(scores, about, scores.sample === 'image' ? images : undefined);
  if (scores.curve !== undefined) checkCurve(scores.curve, scores.ids.length, about);
  checkDefinitions(scores, about);
  if (scores.draws !== undefined) checkDraws(scores.draws, scores, about);
}

function checkBar({ bar, role, direction, range: [low, high] }: Measurement, about: Promised): void {
  if (bar === undefined) return;
  const isWithin = Number.isFinite(bar) && (low === null || bar > low) && (high === null || bar < high);
  promise(isWithin, about, '"bar" to be a number within "range"', () => written(bar));
  const withBar = { ...about, what: `${about.what}, which have a "bar"` };
  promiseOneOf(role, ['sanity-check'], withBar, 'role');
  promiseOneOf(direction, ['higher-is-better', 'lower-is-better'], withBar, 'direction');
}

function checkDraws(draws: Measurement['draws'], { ids, values, range }: Measurement, about: Promised): void {
  promiseObject(draws, { ...about, what: `"draws" of ${about.what}` });
  promiseText(draws.of, about, 'draws.of');
  promiseList(draws.values, about, 'draws.values');
  promise(draws.values.length > 0, about, 'a row for every draw in "draws.values"', () => 'none');
  for (const row of draws.values) promiseNumbers(row, ids.length, about, 'draws.values');
  const size = Math.max(1, ...range.map((end) => Math.abs(end ?? 0)), ...values.map(Math.abs));
  const meanOf = (i: number) => draws.values.reduce((sum, row) => sum + row[i]!, 0) / draws.values.length;
  const other = values.findIndex((value, i) => Math.abs(meanOf(i) - value) > rounding * size);
  promise(
    other < 0,
    about,
    'values that are the means of their rows in "draws.values"',
    () => `${values[other]} beside ${meanOf(other)} for "${ids[other]}"`,
  );
}

function checkAnswers({ answers, isCorrectness, ids }: Measurement, about: Promised): void {
  if (answers === undefined) return;
  const withAnswers = { ...about, what: `${about.what}, which have "answers"` };
  promiseOneOf(isCorrectness, [true], withAnswers, 'isCorrectness');
  promiseObject(answers, { ...about, what: `"answers" of ${about.what}` });
  promiseNumbers(answers.classes, ids.length, about, 'answers.classes');
  const other = answers.classes.find((index) => !Number.isInteger(index) || index < 0);
  promise(other === undefined, about, 'whole numbers of classes in "answers.classes"', () => written(other));
  promiseNumbers(answers.probabilities, ids.length, about, 'answers.probabilities');
  const beyond = answers.probabilities.find((value) => value < 0 || value > 1);
  promise(beyond === undefined, about, 'numbers from 0 to 1 in "answers.probabilities"', () => written(beyond));
}

function checkWords(words: Measurement['words'], about: Promised): void {
  promiseText(words?.name, about, 'words.name');
  promiseText(words.meaning, about, 'words.meaning');
  promise(words.name.length <= 60, about, '"words.name" to be a few words', () => `${words.name.length} characters`);
  if (words.unit !== undefined) promiseText(words.unit, about, 'words.unit');
}

function checkDifference(difference: Measurement['difference'], metrics: readonly string[], about: Promised): void {
  if (difference === undefined) return;
  promiseObject(difference, { ...about, what: `"difference" of ${about.what}` });
  promiseOneOf(difference.of, metrics, about, 'difference.of');
  promiseText(difference.from, about, 'difference.from');
}

function checkSharedFits({ sharedFits, ids }: Measurement, about: Promised): void {
  if (sharedFits === undefined) return;
  promiseList(sharedFits, about, 'sharedFits');
  for (const name of sharedFits) promiseText(name, about, 'sharedFits');
  const isPaired = sharedFits.length === ids.length;
  promise(isPaired, about, 'a name in "sharedFits" for every sample', () => `${sharedFits.length} for ${ids.length}`);
}

function checkRange({ range, values, ids }: Measurement, about: Promised): void {
  const isEnd = (end: unknown) => end === null || Number.isFinite(end);
  const isRange = Array.isArray(range) && range.length === 2 && range.every(isEnd);
  promise(isRange, about, '"range" to be two numbers, null where unbounded', () => written(range));
  const [low, high] = [range[0] ?? Number.NEGATIVE_INFINITY, range[1] ?? Number.POSITIVE_INFINITY];
  promise(low < high, about, '"range" to begin below its end', () => `[${range.map(written).join(', ')}]`);
  promiseNumbers(values, ids.length, about, 'values');
  const allowed = rounding * Math.max(1, ...range.map((end) => Math.abs(end ?? 0)));
  const outside = values.findIndex((value) => value < low - allowed || value > high + allowed);
  const inside = `values in the range [${range.map(written).join(', ')}] that it states`;
  promise(outside < 0, about, inside, () => `${values[outside]} for "${ids[outside]}"`);
}

function checkOmitted(
  { omitted = [], ids }: Measurement,
  about: Promised,
  images: readonly string[] | undefined,
): void {
  promiseList(omitted, about, 'omitted');
  for (const group of omitted) {
    promiseText(group?.reason, about, 'omitted.reason');
    promiseIds(group.ids, about, 'omitted.ids');
  }
  const left = omitted.flatMap((group) => group.ids);
  promiseIds([...ids, ...left], about, 'ids and omitted.ids');
  promise(
    ids.length > 0 || left.length > 0,
    about,
    'a value, or a reason in "omitted" why there is none',
    () => 'neither',
  );
  if (!images) return;
  const [measured, known] = [new Set([...ids, ...left]), new Set(images)];
  const unknown = [...measured].find((id) => !known.has(id));
  promise(unknown === undefined, about, 'ids of the images it was given', () => written(unknown));
  const missing = images.find((id) => !measured.has(id));
  const told = 'a value, or a reason in "omitted", for every image it was given';
  promise(missing === undefined, about, told, () => `none for ${written(missing)}`);
}

function checkCurve(curve: NonNullable<Measurement['curve']>, count: number, about: Promised): void {
  promiseText(curve?.x, about, 'curve.x');
  promiseText(curve.y, about, 'curve.y');
  promise(Array.isArray(curve.at), about, '"curve.at" to be a list of numbers', () => written(curve.at));
  promiseNumbers(curve.at, curve.at.length, about, 'curve.at');
  promiseArray(curve.values, 'n s', [count, curve.at.length], about, 'curve.values');
  if (curve.names === undefined) return;
  promiseList(curve.names, about, 'curve.names');
  for (const name of curve.names) promiseText(name, about, 'curve.names');
  promise(curve.names.length === curve.at.length, about, 'a name for every position of "curve.at"', () =>
    written(curve.names),
  );
}

function checkDefinitions({ definitions = [], ids }: Measurement, about: Promised): void {
  promiseList(definitions, about, 'definitions');
  for (const definition of definitions) {
    promiseObject(definition, { ...about, what: `"definitions" of ${about.what}` });
    const { name, settings, values } = definition;
    promiseText(name, about, 'definitions.name');
    promiseSettings(settings, about);
    promiseNumbers(values, ids.length, about, 'definitions.values');
    promise(Object.keys(settings ?? {}).length > 0, about, 'settings that differ, of every definition', () => 'none');
  }
  promiseIds(
    definitions.map(({ settings }) => JSON.stringify(settings)),
    about,
    'definitions.settings',
  );
}
