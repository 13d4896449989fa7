import type { ReadFile } from '../file/read-study.ts';
import type { Study, StudyParts, WrittenInclude } from '../file/study-schema.ts';
import { atKey, inText, type Placed, substitute } from '../text/placed.ts';
import type { Problem } from '../text/problems.ts';
import type { FoundRecipe, Fragment, Fragments } from './fragments.ts';
import type { Recipe, RecipeParts } from './recipe-schema.ts';
import { type GivenParam, givenParams, type PlacedInclude, paramReference, unknownParam } from './recipe-values.ts';

type Report = (problem: Problem) => void;

/** A study, or a recipe as one include brings it: what names mean in it. */
export interface Scope {
  /** The include that brings it: `protocol`, `protocol/maps`; undefined for the study. */
  readonly include: string | undefined;
  readonly file: ReadFile<Study, StudyParts> | ReadFile<Recipe, RecipeParts>;
  /** By the names of its includes; undefined for a recipe that could not be read. */
  readonly inner: ReadonlyMap<string, Scope | undefined>;
  /** Of a recipe; undefined for the study. */
  readonly given: Given | undefined;
}

/** What a recipe is given by its include. */
export interface Given {
  readonly found: FoundRecipe;
  /** Where the include stands. */
  readonly outer: Scope;
  readonly include: PlacedInclude;
  /** Its parameters; undefined where one has no value, which is a problem. */
  readonly params: ReadonlyMap<string, GivenParam | undefined>;
}

/** The scope of a study, with those of its recipes. */
export function studyScope(file: ReadFile<Study, StudyParts>, fragments: Fragments, report: Report): Scope {
  return withInner({ include: undefined, file, given: undefined }, fragments, report);
}

/** A study's scope and all inside of it, each after the one around it. */
export function allScopes(scope: Scope): readonly Scope[] {
  return [scope, ...[...scope.inner.values()].flatMap((inner) => (inner ? allScopes(inner) : []))];
}

/** Calls the parameters in something that a recipe says as they are called in the whole study, where they are put in. */
export function withParams(written: Placed, { include, given }: Scope, report: Report) {
  if (!given || include === undefined) return { ...written, holes: [] };
  const { params, found } = given;
  return substitute(written, '$param', (name, place) => {
    if (params.get(name)) return paramReference(include, name, place);
    if (!params.has(name) && !found.recipe.isLeftOut('params', name)) report(unknownParam(name, params, place));
    return undefined;
  });
}

function withInner(own: Omit<Scope, 'inner'>, fragments: Fragments, report: Report): Scope {
  const inner = new Map<string, Scope | undefined>();
  const scope: Scope = { ...own, inner };
  for (const [local, fragment] of fragments) {
    checkName(local, fragment, scope, report);
    inner.set(local, recipeScope(fragment, scope, report));
  }
  return scope;
}

function recipeScope({ name, include, placeOf, found }: Fragment, outer: Scope, report: Report): Scope | undefined {
  if (!found) return undefined;
  const { value, ...rest } = withParams({ value: include, placeOf }, outer, report);
  const placed: PlacedInclude = { value: value as WrittenInclude, ...rest }; // parameters stand for values and labels only
  const params = givenParams(name, found, placed, report);
  checkReserved(found, name, report);
  return withInner(
    { include: name, file: found.recipe, given: { found, outer, include: placed, params } },
    found.fragments,
    report,
  );
}

function checkName(local: string, { placeOf }: Fragment, { file }: Scope, report: Report): void {
  if (!file.nodes.has(local)) return;
  const text = `"${local}" is the name of a node, too. Give the include another one.`;
  report({ code: 'study/invalid', place: atKey(placeOf([])), text });
}

/** What a recipe's own inputs are called. */
export const inputsName = 'in';

function checkReserved({ recipe, fragments }: FoundRecipe, name: string, report: Report): void {
  for (const [part, names] of [
    ['nodes', recipe.nodes],
    ['include', fragments],
  ] as const) {
    if (!names.has(inputsName)) continue;
    const text = `The name "${inputsName}" stands for the inputs of the recipe. Choose another.`;
    report({ code: 'study/invalid', place: atKey(inText(name)([part, inputsName])), text });
  }
}
