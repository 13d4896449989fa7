import type { NdArray } from '../array.ts';
import { channelReductions } from '../explaining/channel-reduction.ts';
import { attributionUnits, type Explainer, type Explanation } from '../explaining/explainer.ts';
import { promiseArray } from './array.ts';
import { type Promised, promise, promiseNumbers, promiseObject, promiseOneOf, written } from './promise.ts';

/**
 * Checks what an explainer says of itself: how its maps are read.
 *
 * @param by the explainer, as the study names it
 * @throws StudyError `core/plugin-invalid`
 */
export function checkExplainer(explainer: unknown, by: string): asserts explainer is Explainer {
  const about: Promised = { by, what: 'the explainer that it creates' };
  promiseObject(explainer, about, ['explain']);
  promiseOneOf(explainer.reduction, channelReductions, about, 'reduction');
  promiseOneOf(explainer.unit, [undefined, ...attributionUnits], about, 'unit');
  if (explainer.over !== undefined) promiseObject(explainer, about, ['over']);
}

/**
 * Checks what an explainer returned: one finite value for every value of `images`, and one finite diagnostic for every image.
 *
 * @param ids of the images, where they are known
 * @throws StudyError `core/plugin-invalid`
 */
export function checkExplanation(
  explanation: unknown,
  by: string,
  { shape }: Pick<NdArray<'n h w c'>, 'shape'>,
  ids?: readonly string[],
): asserts explanation is Explanation {
  const about: Promised = { by, what: 'its attributions' };
  promiseObject(explanation, about);
  promiseArray(explanation.values, 'n h w c', shape, about, 'values', ids);
  checkDiagnostics(explanation.diagnostics, by, shape[0]!, ids);
}

/** Checks numbers by name: one finite number for each of `count` images. */
export function checkDiagnostics(
  diagnostics: unknown,
  by: string,
  count: number,
  ids?: readonly string[],
): asserts diagnostics is Explanation['diagnostics'] {
  const about: Promised = { by, what: 'its "diagnostics"' };
  promiseObject(diagnostics, about);
  for (const [name, numbers] of Object.entries(diagnostics))
    promiseNumbers(numbers, count, about, name, (i) => (ids ? written(ids[i]) : `index ${i} of ${count}`));
}

/** Promises choices as data, or none. */
export function promiseSettings(settings: unknown, about: Promised): void {
  if (settings === undefined) return;
  promiseObject(settings, { ...about, what: `"settings" of ${about.what}` });
  for (const [name, value] of Object.entries(settings)) {
    const isPlain = value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
    promise(isPlain, about, `"settings.${name}" to be a text, a finite number, true, false or null`, () =>
      written(value),
    );
  }
}

/**
 * `explainer` over another, which it asks instead of what it asks by itself.
 *
 * @param by the explainer, as the study names it
 * @throws StudyError `core/plugin-invalid` where it asks none
 */
export function explainerOver(explainer: Explainer, other: Explainer, by: string): Explainer {
  const about: Promised = { by, what: 'the explainer that it creates' };
  promise(explainer.over !== undefined, about, 'a function "over", as its "asksExplainer" says', () => 'none');
  return explainer.over(other);
}

/** `explainer`, held to its promises at every call, over others, too. */
export function heldExplainer(explainer: unknown, by: string): Explainer {
  checkExplainer(explainer, by);
  const { reduction } = explainer;
  return {
    ...explainer,
    reduction,
    async explain(model, images, classIndex, told, ids) {
      const explanation: unknown = await explainer.explain(model, images, classIndex, told, ids);
      checkExplanation(explanation, by, images, ids);
      return explanation;
    },
    ...(explainer.over && { over: (other: Explainer) => heldExplainer(explainer.over!(other), by) }),
  };
}
