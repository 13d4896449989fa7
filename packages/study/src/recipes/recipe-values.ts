import type { WrittenInclude } from '../file/study-schema.ts';
import { atKey, below, inText, type Placed, type Substituted, substitute } from '../text/placed.ts';
import { type Place, type Problem, suggestion } from '../text/problems.ts';
import type { FoundRecipe } from './fragments.ts';
import type { RecipeParam } from './recipe-schema.ts';

type Report = (problem: Problem) => void;

/** An include, with the parameters of the recipe that it is in put in. */
export interface PlacedInclude extends Substituted {
  readonly value: WrittenInclude;
}

/** The value of a recipe's parameter in one include, in which parameters of the study may stand. */
export interface GivenParam {
  /** `protocol.levels` */
  readonly name: string;
  readonly param: RecipeParam;
  readonly placed: Placed;
}

/**
 * The values of a recipe's parameters in one include: given there, or its defaults, in which other parameters may stand.
 *
 * @returns by name; undefined where a parameter has no value, which is a problem
 */
export function recipeValues(
  name: string,
  { recipe }: FoundRecipe,
  include: PlacedInclude,
  report: Report,
): ReadonlyMap<string, Placed | undefined> {
  const params = new Map(Object.entries(recipe.parts.params ?? {}));
  const given = new Map(Object.entries(include.value.with ?? {}));
  for (const key of given.keys()) {
    if (params.has(key) || recipe.isLeftOut('params', key)) continue;
    const text = `The recipe of "${name}" has no parameter "${key}".${suggestion(key, params.keys())}`;
    report({ code: 'study/invalid', place: atKey(include.placeOf(['with', key])), text });
  }
  const values = new Map<string, Placed | undefined>();
  const found = (key: string, trail: readonly string[]): Placed | undefined => {
    if (!values.has(key)) values.set(key, value(key, params.get(key)!, trail));
    return values.get(key);
  };
  const value = (key: string, param: RecipeParam, trail: readonly string[]): Placed | undefined => {
    const isHole = include.holes.some(([part, option]) => part === 'with' && option === key);
    if (isHole) return undefined;
    if (given.has(key)) return { value: given.get(key), placeOf: below(include.placeOf, 'with', key) };
    if (Object.hasOwn(param, 'default')) return standard(key, param, [...trail, key]);
    report({ code: 'study/invalid', place: include.placeOf(['with']), text: missingParam(name, key, param) });
    return undefined;
  };
  const standard = (key: string, param: RecipeParam, trail: readonly string[]): Placed | undefined => {
    const written: Placed = { value: param.default, placeOf: inText(name, 'params', key, 'default') };
    const { holes, ...placed } = substitute(written, '$param', (other, place) => {
      if (trail.includes(other)) report(roundabout([...trail, other], place));
      else if (params.has(other)) return found(other, trail);
      else if (!recipe.isLeftOut('params', other)) report(unknownParam(other, params, place));
      return undefined;
    });
    return holes.length > 0 ? undefined : placed;
  };
  for (const key of params.keys()) found(key, []);
  return values;
}

/** A parameter that a recipe does not have. */
export function unknownParam(name: string, params: ReadonlyMap<string, unknown>, place: Place): Problem {
  const text = `This recipe has no parameter "${name}".${suggestion(name, params.keys())}`;
  return { code: 'study/invalid', place, text };
}

function missingParam(name: string, key: string, { description }: RecipeParam): string {
  return `The recipe of "${name}" needs its parameter "${key}": ${description}. Give it: "with": { "${key}": ... }.`;
}

function roundabout(trail: readonly string[], place: Place): Problem {
  const text = `These parameters wait for each other: ${trail.join(' -> ')}. Give one of them a default without the others.`;
  return { code: 'study/invalid', place, text };
}
