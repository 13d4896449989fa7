import { type ErrorCode, StudyError } from '@espalier/core';
import { withoutSecrets } from '@espalier/secrets';
import { distance } from 'fastest-levenshtein';
import type { Path, StudyText } from './located-text.ts';

/** Where a value was written: in the study file or in a recipe, or on the command line. */
export type Place = WrittenPlace | { readonly commandLine: string };

export interface WrittenPlace {
  readonly path: Path;
  readonly key?: boolean;
  /** The include whose recipe it was written in: `protocol`, or `protocol/maps` of one in a recipe. Absent for the study. */
  readonly include?: string;
}

/** The text of a recipe, and where the include is written that brought it. */
export interface IncludedText {
  readonly text: StudyText;
  readonly place: Place;
}

/** A study's text with those of its recipes, by the names of their includes. */
export interface StudyTexts {
  readonly study: StudyText;
  readonly included: ReadonlyMap<string, IncludedText>;
}

/** One thing that is wrong with a study. */
export interface Problem {
  readonly code: ErrorCode;
  readonly place: Place;
  /** What was expected, what was found, what to do. */
  readonly text: string;
}

/** `/nodes/prune/with`, as JSON Pointer writes it. */
export function pointer(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** As many problems are shown: nobody reads more at once. */
export const mostProblems = 20;
// Finding the place of one takes a walk through the file.
const mostLocated = 1000;
const [longestPlace, longestText] = [300, 1000];

/**
 * One error for all problems, in the order of the study file and then of its recipes: `file:line:column  /path  text`, for what
 * is written in a recipe with the includes that brought it. The first are shown, the others counted.
 *
 * Its code is the problems' own where they agree, else `study/invalid`.
 */
export function problemsError(texts: StudyTexts, problems: readonly Problem[]): StudyError {
  const found = [
    ...new Map(problems.map((problem) => [JSON.stringify([problem.place, problem.text]), problem])).values(),
  ];
  const located = found.slice(0, mostLocated).map((problem) => ({ ...problem, ...whereIs(texts, problem.place) }));
  const unique = [...new Map(located.map((problem) => [`${problem.where} ${problem.text}`, problem])).values()];
  unique.sort((a, b) => a.file - b.file || a.line - b.line || a.column - b.column);
  const total = unique.length + found.length - located.length;
  const codes = new Set(found.map(({ code }) => code));
  const lines = unique
    .slice(0, mostProblems)
    .map(
      ({ where, text, brought }) =>
        `  ${clipped(withoutSecrets(where), longestPlace)}  ${clipped(withoutSecrets(text), longestText)}${brought}`,
    );
  return new StudyError(
    codes.size === 1 ? [...codes][0]! : 'study/invalid',
    `${texts.study.fileName} has ${total === 1 ? 'a problem' : `${total} problems`}; nothing was run.\n${lines.join('\n')}${more(total)}`,
  );
}

/** What to write below the first of `count` problems; nothing where they are all there. */
export function more(count: number): string {
  return count > mostProblems ? `\n  and ${count - mostProblems} more.` : '';
}

function clipped(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
}

interface Whereabouts {
  readonly where: string;
  /** In the order in which files are told of. */
  readonly file: number;
  readonly line: number;
  readonly column: number;
  /** Which includes brought a recipe; empty for what is in none. */
  readonly brought: string;
}

function whereIs(texts: StudyTexts, place: Place): Whereabouts {
  if ('commandLine' in place) return { where: place.commandLine, file: 0, line: 0, column: 0, brought: '' };
  const { include, path, key } = place;
  const text = textOf(texts, place);
  const { line, column } = key ? text.locateKey(path) : text.locate(path);
  const file = include === undefined ? 0 : 1 + [...texts.included.keys()].indexOf(include);
  const where = `${text.fileName}:${line}:${column}  ${pointer(path) || '/'}`;
  return { where, file, line, column, brought: include === undefined ? '' : ` (${broughtBy(texts, include)})` };
}

function textOf({ study, included }: StudyTexts, { include }: WrittenPlace): StudyText {
  return include === undefined ? study : included.get(include)!.text;
}

/** `included as "maps" by recipe.json:3:5, as "protocol" by study.json:8:7` */
function broughtBy(texts: StudyTexts, include: string): string {
  const steps: string[] = [];
  for (let name: string | undefined = include; name !== undefined; ) {
    const { place }: IncludedText = texts.included.get(name)!;
    if ('commandLine' in place) break; // an include is written in a file
    const text = textOf(texts, place);
    const { line, column } = text.locateKey(place.path);
    steps.push(`as "${name.split('/').at(-1)}" by ${text.fileName}:${line}:${column}`);
    name = place.include;
  }
  return `included ${steps.join(', ')}`;
}

// Longer texts are nobody's names, and comparing two takes the product of their lengths.
const longestName = 200;

/** The name in `known` that was probably meant, or undefined. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  if (name.length > longestName) return undefined;
  const lower = name.toLowerCase();
  const ranked = [...known]
    .filter((candidate) => candidate.length <= longestName)
    .map((candidate) => ({ candidate, edits: distance(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best && best.edits <= Math.max(2, Math.floor(name.length / 3)) ? best.candidate : undefined;
}

/** ` Did you mean "dense"?`, or ` Known: data, dense.` when nothing is close. */
export function suggestion(name: string, known: Iterable<string>): string {
  const names = [...known];
  const nearest = nearestName(name, names);
  if (nearest !== undefined) return ` Did you mean "${nearest}"?`;
  if (names.length === 0) return ' There are none.';
  const listed = names.slice(0, 12).map(shortened).join(', ');
  return ` Known: ${listed}${names.length > 12 ? `, and ${names.length - 12} more` : ''}.`;
}

/** A value as an error shows it: short JSON. `clear` takes the secrets out of it. */
export function shown(value: unknown, clear: (text: string) => string = withoutSecrets): string {
  const text = value === undefined ? 'nothing' : clear(JSON.stringify(value) ?? String(value)); // before it is cut
  return shortened(text);
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
