import type { ComputeOptions } from '@espalier/core';
import type { Path } from '../text/located-text.ts';
import { assembled, below, inFile, type Placed, substitute } from '../text/placed.ts';
import { type Place, type Problem, suggestion } from '../text/problems.ts';
import { deepest, isTooDeep } from '../text/text-bounds.ts';
import type { ReadStudy } from './read-study.ts';
import type { Study } from './study-schema.ts';

/** What the person who starts a run says beside the study. */
export interface Choices {
  readonly profile?: string | undefined;
  /** Parameter values over those of the study and the profile. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly compute?: Partial<ComputeOptions> | undefined;
}

/** The values of a study after profile and command line. */
export interface StudyValues {
  readonly params: ReadonlyMap<string, Placed>;
  /** Parameters of recipes whose values are not known, which is a problem told already. */
  readonly open: ReadonlySet<string>;
  readonly compute: ComputeOptions;
  readonly profile: string | null;
}

const standardCompute: ComputeOptions = { engine: 'auto', inference: 'exact', training: 'exact' };

/**
 * Applies a profile, then the command line, to a study's parameters, those of its recipes among them, and its compute options.
 *
 * @param given the parameters of recipes, in whose values others may stand
 */
export function studyValues(
  read: ReadStudy,
  given: ReadonlyMap<string, Placed>,
  choices: Choices,
  report: (problem: Problem) => void,
): StudyValues {
  const { parts: study, isLeftOut } = read;
  const params = new Map<string, Placed>([...placedValues(study.params, 'params'), ...given]);
  for (const name of Object.keys(study.params ?? {}).filter((own) => given.has(own))) {
    const text = `"${name}" is a parameter of a recipe. Give it in the "with" of its include, or in a profile.`;
    report({ code: 'study/invalid', place: { path: ['params', name], key: true }, text });
  }
  const written = new Set(given.keys());
  const profile = chosenProfile(read, choices.profile, report);
  const override = (name: string, value: Placed): void => {
    const around = containing(name, params);
    if (params.has(name)) {
      params.set(name, value);
      written.delete(name);
    } else if (around) params.set(around.name, withPart(around, value));
    else if (!isLeftOut('params'))
      report({ code: 'study/invalid', place: value.placeOf([]), text: unknownParam(name, params) });
  };
  for (const [name, value] of placedValues(profile?.params, 'profiles', choices.profile ?? '', 'params'))
    override(name, value);
  for (const [name, value] of Object.entries(choices.params ?? {})) {
    if (isTooDeep(value)) {
      const text = `Values may be nested ${deepest} deep; this one is deeper.`;
      report({ code: 'study/invalid', place: { commandLine: `--param ${name}` }, text });
    } else override(name, { value, placeOf: () => ({ commandLine: `--param ${name}=${JSON.stringify(value)}` }) });
  }
  const compute = {
    ...standardCompute,
    ...study.compute,
    ...profile?.compute,
    ...choices.compute,
  };
  const values = withGiven(params, written, report);
  const open = new Set([...given.keys()].filter((name) => !values.has(name)));
  return { params: values, open, compute, profile: choices.profile ?? null };
}

/**
 * The parameters with others put in where a recipe, or who includes it, names them.
 *
 * @param given those whose values are written there
 */
function withGiven(
  params: ReadonlyMap<string, Placed>,
  given: ReadonlySet<string>,
  report: (problem: Problem) => void,
): ReadonlyMap<string, Placed> {
  const resolved = new Map<string, Placed | undefined>();
  const valueAt = (name: string, trail: readonly string[], place: Place | undefined): Placed | undefined => {
    const written = params.get(name);
    if (!written || !given.has(name)) {
      if (!written && place) report({ code: 'study/invalid', place, text: unknownParam(name, params) });
      return written;
    }
    if (trail.includes(name) && place) {
      const text = `These parameters wait for each other: ${[...trail, name].join(' -> ')}. Give one of them a value without the others.`;
      report({ code: 'study/invalid', place, text });
      return undefined;
    }
    if (!resolved.has(name)) {
      const { holes, ...found } = substitute(written, '$param', (other, at) => valueAt(other, [...trail, name], at));
      resolved.set(name, holes.length > 0 ? undefined : found);
    }
    return resolved.get(name);
  };
  return new Map(
    [...params.keys()].flatMap((name) => {
      const found = valueAt(name, [], undefined);
      return found ? [[name, found]] : [];
    }),
  );
}

/** A parameter that is an object, and its part that `images.size` names. */
interface PartOfParam {
  readonly name: string;
  readonly part: string;
  readonly placed: Placed;
}

function containing(name: string, params: ReadonlyMap<string, Placed>): PartOfParam | undefined {
  const dot = name.lastIndexOf('.');
  const [around, part] = [name.slice(0, dot), name.slice(dot + 1)];
  const placed = dot > 0 ? params.get(around) : undefined;
  const isObject = typeof placed?.value === 'object' && placed.value !== null && !Array.isArray(placed.value);
  return placed && isObject && part !== '' && !part.startsWith('$') ? { name: around, part, placed } : undefined;
}

function withPart({ part, placed }: PartOfParam, value: Placed): Placed {
  const parts = Object.entries(placed.value as object).map(
    ([key, item]) => [key, { value: item, placeOf: below(placed.placeOf, key) }] as const,
  );
  return assembled(new Map([...parts, [part, value]]), placed.placeOf([]));
}

/** What to say about a parameter that a study does not have. */
export function unknownParam(name: string, params: ReadonlyMap<string, unknown>): string {
  return `There is no parameter "${name}".${suggestion(name, params.keys())}`;
}

function placedValues(
  values: Readonly<Record<string, unknown>> | undefined,
  ...base: Path
): readonly (readonly [string, Placed])[] {
  return Object.entries(values ?? {}).map(([name, value]) => [name, { value, placeOf: inFile(...base, name) }]);
}

function chosenProfile(
  { parts, isLeftOut }: ReadStudy,
  name: string | undefined,
  report: (problem: Problem) => void,
): NonNullable<Study['profiles']>[string] | undefined {
  if (name === undefined || isLeftOut('profiles', name)) return undefined;
  const profiles = new Map(Object.entries(parts.profiles ?? {}));
  const profile = profiles.get(name);
  if (!profile) {
    const text = `There is no profile "${name}".${suggestion(name, profiles.keys())}`;
    report({ code: 'study/profile-unknown', place: { commandLine: `--profile ${name}` }, text });
  }
  return profile;
}
