import { StudyError } from '@espalier/core';
import type { ConnectedNode } from '../file/connected-node.ts';
import type { ReadStudy } from '../file/read-study.ts';
import type { WrittenEdge } from '../file/study-schema.ts';
import type { StudyText } from '../text/located-text.ts';
import { atKey, inText, type Placed } from '../text/placed.ts';
import { type IncludedText, type Place, type Problem, type StudyTexts, shown } from '../text/problems.ts';
import { checkInclude, checkOutputs } from './check-include.ts';
import { connectNode, placedEdge } from './connect-node.ts';
import { fragmentLoader } from './fragments.ts';
import type { RecipeFile, RecipeLoader } from './recipe-loader.ts';
import { type GivenParam, paramName } from './recipe-values.ts';
import { resolveEdge } from './resolve-edge.ts';
import { allScopes, type Scope, studyScope } from './scope.ts';

/** A study with the recipes that it includes. */
export interface IncludedStudy {
  /** The study as it is written. */
  readonly read: ReadStudy;
  readonly texts: StudyTexts;
  /** Its nodes and, as `protocol/prune`, those of its recipes. */
  readonly nodes: ReadonlyMap<string, ConnectedNode>;
  /** By path; undefined where what they name is not known, which is a problem. */
  readonly outputs: ReadonlyMap<string, Placed<WrittenEdge> | undefined>;
  /** The packages that it and its recipes list, by alias. */
  readonly plugins: ReadonlyMap<string, ListedPlugin>;
  /** Whether an alias may be one that could not be read. */
  isLeftOutAlias(alias: string): boolean;
  /** The recipes' parameters, by their names in the whole study: `protocol.levels`. */
  readonly given: ReadonlyMap<string, GivenParam>;
  readonly includes: readonly Include[];
  /** What the names of the study mean. */
  readonly scope: Scope;
  readonly problems: readonly Problem[];
}

export interface ListedPlugin {
  readonly specifier: string;
  readonly place: Place;
}

/** A recipe that a study includes, or that one of its recipes includes. */
export interface Include {
  /** `protocol`, `protocol/maps` */
  readonly name: string;
  readonly file: RecipeFile;
  /** What it says. */
  readonly value: unknown;
}

/**
 * Puts the recipes of a study in: their nodes under the names of their includes, with parameters and edges led to what they
 * stand for. What is wrong is a problem each.
 *
 * @param folder the study's folder
 */
export async function includeRecipes(
  text: StudyText,
  read: ReadStudy,
  folder: string,
  loader: RecipeLoader,
): Promise<IncludedStudy> {
  const problems: Problem[] = [...read.problems];
  const report = (problem: Problem): void => void problems.push(problem);
  const load = (specifier: string): Promise<RecipeFile> => loader.load(specifier, folder);
  const fragments = await fragmentLoader(report)(read.parts.include, { trail: [], load });
  const scope = studyScope(read, fragments, report);
  const scopes = allScopes(scope);
  for (const one of scopes) {
    checkInclude(one, report);
    checkOutputs(one, report);
  }
  const nodes = scopes.flatMap((one) =>
    [...one.file.nodes].map(([name, node]) => [nameIn(one, name), connectNode(node, one, report)] as const),
  );
  const isWhole = scopes.every(({ inner }) => [...inner.values()].every((one) => one !== undefined));
  const left = (alias: string): boolean => scopes.some(({ file }) => file.isLeftOut('plugins', alias));
  const plugins = listedPlugins(scopes, report);
  return {
    read,
    texts: { study: text, included: textsOf(scopes) },
    nodes: new Map(nodes),
    outputs: outputsOf(scope, report),
    plugins,
    isLeftOutAlias: (alias) => left(alias) || (!isWhole && !plugins.has(alias)),
    given: new Map(scopes.flatMap(givenIn)),
    includes: scopes.flatMap(includeOf),
    scope,
    problems,
  };
}

function nameIn({ include }: Scope, name: string): string {
  return include === undefined ? name : `${include}/${name}`;
}

function outputsOf(scope: Scope, report: (problem: Problem) => void): IncludedStudy['outputs'] {
  return new Map(
    Object.entries((scope.file as ReadStudy).parts.outputs ?? {}).map(([path, value]) => {
      const placeOf = inText(undefined, 'outputs', path);
      const [edge, ...others] = resolveEdge({ value, placeOf }, scope, report) ?? [];
      const text = 'This stands for several edges, and an output of a study is one.';
      if (others.length > 0) report({ code: 'study/invalid', place: placeOf(['$from']), text });
      return [path, edge && (placedEdge(edge, placeOf) as Placed<WrittenEdge>)]; // an edge, as it is written
    }),
  );
}

/** All packages that are listed. One alias is one package: values that a study hands to a recipe name plugins by it. */
function listedPlugins(
  scopes: readonly Scope[],
  report: (problem: Problem) => void,
): ReadonlyMap<string, ListedPlugin> {
  const listed = new Map<string, ListedPlugin>();
  for (const { include, file, given } of scopes) {
    for (const [alias, written] of Object.entries(file.parts.plugins ?? {})) {
      const place = inText(include)(['plugins', alias]);
      const specifier = given ? ofRecipe(given.found.file, written, place, report) : written;
      const other = listed.get(alias);
      if (specifier === undefined) continue;
      if (!other) listed.set(alias, { specifier, place });
      else if (other.specifier !== specifier) {
        const text = `The alias "${alias}" stands for ${shown(other.specifier)} where this is included, and for ${shown(specifier)} here. One of them needs another alias.`;
        report({ code: 'study/invalid', place: atKey(place), text });
      }
    }
  }
  return listed;
}

function ofRecipe(
  file: RecipeFile,
  written: string,
  place: Place,
  report: (problem: Problem) => void,
): string | undefined {
  try {
    return file.plugin(written);
  } catch (error) {
    if (!StudyError.is(error)) throw error;
    report({ code: error.code, place, text: error.message });
    return undefined;
  }
}

function textsOf(scopes: readonly Scope[]): ReadonlyMap<string, IncludedText> {
  return new Map(
    scopes.flatMap(({ include, given }) => {
      if (include === undefined || !given) return [];
      const around = given.outer.include;
      const place = inText(around)(['include', include.split('/').at(-1)!]);
      return [[include, { text: given.found.text, place }] as const];
    }),
  );
}

function givenIn({ include, given }: Scope): readonly (readonly [string, GivenParam])[] {
  return [...(given?.params ?? [])].flatMap(([key, param]) =>
    param ? [[paramName(include!, key), param] as const] : [],
  );
}

function includeOf({ include, given }: Scope): readonly Include[] {
  if (include === undefined || !given) return [];
  const { file, text } = given.found;
  return [{ name: include, file, value: text.value }];
}
