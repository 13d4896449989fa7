import type { ComputeOptions } from '@espalier/core';
import type { Path } from '../text/located-text.ts';
import { inFile, type Placed } from '../text/placed.ts';
import { type Problem, suggestion } from '../text/problems.ts';
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
  readonly compute: ComputeOptions;
  readonly profile: string | null;
}

const standardCompute: ComputeOptions = { engine: 'auto', inference: 'exact', training: 'exact' };

/** Applies a profile, then the command line, to a study's parameters and compute options. */
export function studyValues(read: ReadStudy, choices: Choices, report: (problem: Problem) => void): StudyValues {
  const { parts: study, isLeftOut } = read;
  const params = new Map(placedValues(study.params, 'params'));
  const profile = chosenProfile(read, choices.profile, report);
  const override = (name: string, value: Placed): void => {
    if (params.has(name)) params.set(name, value);
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
  return { params, compute, profile: choices.profile ?? null };
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
