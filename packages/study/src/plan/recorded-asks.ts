import { StudyError } from '@espalier/core';
import { canonicalJson } from '@espalier/store';
import { executionFields } from '../file/execution.ts';
import { readStudy } from '../file/read-study.ts';
import { resolvedNodes } from '../file/resolved-nodes.ts';
import { studyValues } from '../file/study-values.ts';
import { includeRecipes } from '../recipes/included-study.ts';
import type { RecipeFile } from '../recipes/recipe-loader.ts';
import { type Placed, substitute } from '../text/placed.ts';
import { parseStudyText } from '../text/study-text.ts';

/** A study as a run kept it: its text, those of its recipes by the names of their includes, and what was chosen. */
export interface RecordedStudy {
  readonly text: string;
  readonly profile: string | null;
  /** The values of all parameters, those of recipes among them. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly recipes: readonly RecordedRecipe[];
}

interface RecordedRecipe {
  readonly name: string;
  readonly recipe: string;
  readonly version: string | null;
  readonly text: string;
}

/** What a recorded study was asked for. */
export interface RecordedAsks {
  /** What nodes say, by name, with parameters and recipes put in; without what changes nothing that they compute. */
  readonly nodes: ReadonlyMap<string, unknown>;
  /** The values of parameters, without those that only hand others on. */
  readonly params: ReadonlyMap<string, unknown>;
}

/**
 * What a recorded study asks for. It needs no plugin and no file. What cannot be read of a text that is not as a run kept it is
 * left out.
 *
 * @param fileName what errors call the text
 * @throws StudyError `study/invalid` for a text that is no JSON
 */
export async function recordedAsks(
  { text, profile, params, recipes }: RecordedStudy,
  fileName: string,
): Promise<RecordedAsks> {
  const source = parseStudyText(text, fileName);
  const read = readStudy(source.value);
  const loader = { load: recipesIn('', read.parts.include, recipes) };
  const study = await includeRecipes(source, read, '.', loader);
  const given = new Map([...study.given].map(([name, { placed }]) => [name, placed]));
  const ignore = (): void => {};
  const values = studyValues(read, given, { profile: profile ?? undefined, params }, ignore);
  const nodes = [...resolvedNodes(study.nodes, read, values, ignore)];
  return {
    nodes: new Map(nodes.flatMap(([name, node]) => (node ? [[name, withoutWords(node.value)]] : []))),
    params: new Map(Object.entries(params).filter(([name, value]) => !handsOn(given.get(name), value, values.params))),
  };
}

/** Whether `value` is what a recipe, or who includes it, writes with other parameters: these tell all of it. */
function handsOn(written: Placed | undefined, value: unknown, params: ReadonlyMap<string, Placed>): boolean {
  if (!written) return false;
  const { value: put } = substitute(written, '$param', (name) => params.get(name));
  return canonicalJson(put) !== canonicalJson(written.value) && canonicalJson(put) === canonicalJson(value);
}

const wordsOnly: ReadonlySet<string> = new Set(['description', ...Object.keys(executionFields)]);

function withoutWords(node: object): object {
  return Object.fromEntries(Object.entries(node).filter(([key]) => !wordsOnly.has(key)));
}

type Includes = Readonly<Record<string, { readonly recipe: string }>> | undefined;

/** Finds recipes by the includes that name them: what a recipe was called on another machine leads nowhere here. */
function recipesIn(around: string, includes: Includes, recipes: readonly RecordedRecipe[]) {
  return async (specifier: string): Promise<RecipeFile> => {
    const [local] = Object.entries(includes ?? {}).find(([, { recipe }]) => recipe === specifier) ?? [];
    const found = local !== undefined && recipes.find(({ name }) => name === `${around}${local}`);
    if (!found) throw new StudyError('study/invalid', `The recipe "${specifier}" was not kept.`);
    const { parts } = readStudy(parseStudyText(found.text, found.recipe).value);
    return {
      ...{ id: found.name, name: found.recipe, fileName: found.recipe, source: found.text, version: found.version },
      plugin: (written) => written,
      load: recipesIn(`${found.name}/`, parts.include, recipes),
    };
  };
}
