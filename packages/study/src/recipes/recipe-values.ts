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

/** A parameter of a recipe as one include gives it. In its value, others stand by their names in the whole study. */
export interface GivenParam {
  readonly param: RecipeParam;
  readonly placed: Placed;
}

/** What a recipe's parameter is called in the whole study: `protocol.levels`. */
export function paramName(include: string, param: string): string {
  return `${include}.${param}`;
}

/** A parameter of the whole study, where a recipe names one of its own. */
export function paramReference(include: string, param: string, place: Place): Placed {
  return { value: { $param: paramName(include, param) }, placeOf: () => place };
}

/**
 * The parameters of a recipe in one include: given there, or its defaults, in which other parameters may stand.
 *
 * @returns by name in the recipe; undefined where a parameter has no value, which is a problem
 */
export function givenParams(
  name: string,
  { recipe }: FoundRecipe,
  include: PlacedInclude,
  report: Report,
): ReadonlyMap<string, GivenParam | undefined> {
  const params = new Map(Object.entries(recipe.parts.params ?? {}));
  const given = new Map(Object.entries(include.value.with ?? {}));
  for (const key of given.keys()) {
    if (params.has(key) || recipe.isLeftOut('params', key)) continue;
    const text = `The recipe of "${name}" has no parameter "${key}".${suggestion(key, params.keys())}`;
    report({ code: 'study/invalid', place: atKey(include.placeOf(['with', key])), text });
  }
  const standard = (key: string, param: RecipeParam): Placed | undefined => {
    const written: Placed = { value: param.default, placeOf: inText(name, 'params', key, 'default') };
    const { holes, ...placed } = substitute(written, '$param', (other, place) => {
      if (params.has(other)) return paramReference(name, other, place);
      if (!recipe.isLeftOut('params', other)) report(unknownParam(other, params, place));
      return undefined;
    });
    return holes.length > 0 ? undefined : placed;
  };
  const placed = (key: string, param: RecipeParam): Placed | undefined => {
    const isHole = include.holes.some(([part, option]) => part === 'with' && option === key);
    if (isHole) return undefined;
    if (given.has(key)) return { value: given.get(key), placeOf: below(include.placeOf, 'with', key) };
    if (Object.hasOwn(param, 'default')) return standard(key, param);
    report({ code: 'study/invalid', place: include.placeOf(['with']), text: missingParam(name, key, param) });
    return undefined;
  };
  return new Map(
    [...params].map(([key, param]) => {
      const found = placed(key, param);
      return [key, found && { param, placed: found }];
    }),
  );
}

/** A parameter that a recipe does not have. */
export function unknownParam(name: string, params: ReadonlyMap<string, unknown>, place: Place): Problem {
  const text = `This recipe has no parameter "${name}".${suggestion(name, params.keys())}`;
  return { code: 'study/invalid', place, text };
}

function missingParam(name: string, key: string, { description }: RecipeParam): string {
  return `The recipe of "${name}" needs its parameter "${key}": ${description}. Give it: "with": { "${key}": ... }.`;
}
