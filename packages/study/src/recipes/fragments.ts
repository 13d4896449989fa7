import { StudyError } from '@espalier/core';
import { type ReadFile, readFile } from '../file/read-study.ts';
import type { WrittenInclude } from '../file/study-schema.ts';
import type { StudyText } from '../text/located-text.ts';
import { inText, type PlaceOf } from '../text/placed.ts';
import type { Problem } from '../text/problems.ts';
import { parseStudyText } from '../text/study-text.ts';
import type { RecipeFile } from './recipe-loader.ts';
import { type Recipe, type RecipeParts, recipeParts, recipeSchema } from './recipe-schema.ts';

/** A recipe as one include brings it, with those that it includes itself. */
export interface Fragment {
  /** `protocol`; `protocol/maps` for one in a recipe. */
  readonly name: string;
  readonly include: WrittenInclude;
  /** The places of the include. */
  readonly placeOf: PlaceOf;
  /** Undefined where it could not be found or read, which is a problem. */
  readonly found: FoundRecipe | undefined;
}

export interface FoundRecipe {
  readonly file: RecipeFile;
  readonly text: StudyText;
  readonly recipe: ReadFile<Recipe, RecipeParts>;
  readonly fragments: Fragments;
}

/** By the names of their includes where they are written. */
export type Fragments = ReadonlyMap<string, Fragment>;

// Deeper than anybody reads; more than any study needs. They bound what recipes that include others many times come to.
const [deepestInclude, mostIncludes] = [8, 200];
// The longest of this repository has 10,000 characters.
const largestRecipe = 1_000_000;

/** Where includes are written, and how far down. */
interface Including {
  /** The include whose recipe they are in; absent for the study. */
  readonly name?: string;
  /** The recipes around, the outermost first. */
  readonly trail: readonly RecipeFile[];
  readonly load: (specifier: string) => Promise<RecipeFile>;
}

/** Finds and reads the recipes of a study, and those that they include. */
export function fragmentLoader(report: (problem: Problem) => void) {
  let count = 0;
  const loadAll = async (
    includes: Readonly<Record<string, WrittenInclude>> | undefined,
    including: Including,
  ): Promise<Fragments> => {
    const all = Object.entries(includes ?? {}).map(async ([local, include]) => {
      const name = including.name === undefined ? local : `${including.name}/${local}`;
      const placeOf = inText(including.name, 'include', local);
      const found = await load(name, include.recipe, including).catch((error: unknown) => {
        if (!StudyError.is(error)) throw error;
        report({ code: error.code, place: placeOf(['recipe']), text: error.message });
        return undefined;
      });
      return [local, { name, include, placeOf, found }] as const;
    });
    return new Map(await Promise.all(all));
  };
  const load = async (name: string, specifier: string, { trail, load: find }: Including): Promise<FoundRecipe> => {
    if (++count > mostIncludes)
      throw invalid(`A study may include ${mostIncludes} recipes, those in recipes among them.`);
    if (trail.length >= deepestInclude) throw invalid(`Recipes may include others ${deepestInclude} deep.`);
    const file = await find(specifier);
    const again = trail.findIndex(({ id }) => id === file.id);
    if (again >= 0) throw invalid(cycleText([...trail.slice(again), file]));
    const text = textOf(file);
    const recipe = readFile(text.value, { whole: recipeSchema, parts: recipeParts, include: name });
    recipe.problems.forEach(report);
    const inside = { name, trail: [...trail, file], load: (inner: string) => file.load(inner) };
    return { file, text, recipe, fragments: await loadAll(recipe.parts.include, inside) };
  };
  return loadAll;
}

function textOf({ source, fileName }: RecipeFile): StudyText {
  if (source.length > largestRecipe)
    throw invalid(`${fileName} has ${source.length} characters; a recipe may have ${largestRecipe}.`);
  return parseStudyText(source, fileName);
}

function cycleText(round: readonly RecipeFile[]): string {
  const names = round.map(({ fileName }) => fileName).join(' -> ');
  return `A recipe cannot include itself, also by way of others: ${names}. Remove one of these includes.`;
}

function invalid(text: string): StudyError {
  return new StudyError('study/invalid', text);
}
