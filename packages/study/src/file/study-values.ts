import type { ComputeOptions } from '@espalier/core';
import { type Problem, suggestion } from '../text/problems.ts';
import { fields, part, type Sourced, written } from '../text/sourced.ts';
import { deepest, isTooDeep } from '../text/text-bounds.ts';

/** What the person who starts a run says beside the study. */
export interface Choices {
  readonly profile?: string | undefined;
  /** Parameter values over those of the study and the profile. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly compute?: Partial<ComputeOptions> | undefined;
}

/** The values of a study after profile and command line. */
export interface StudyValues {
  readonly params: ReadonlyMap<string, Sourced>;
  readonly compute: ComputeOptions;
  readonly profile: string | null;
}

const standardCompute: ComputeOptions = { engine: 'auto', inference: 'exact', training: 'exact' };

/** Applies a profile, then the command line, to a study's parameters and compute options. */
export function studyValues(study: unknown, choices: Choices, report: (problem: Problem) => void): StudyValues {
  const root = written(study, []);
  const params = new Map(fields(part(root, 'params')));
  const profile = chosenProfile(root, choices.profile, report);
  const override = (name: string, value: Sourced): void => {
    if (params.has(name)) params.set(name, value);
    else report({ code: 'study/invalid', place: value.placeOf([]), text: unknownParam(name, params) });
  };
  for (const [name, value] of fields(profile && part(profile, 'params'))) override(name, value);
  for (const [name, value] of Object.entries(choices.params ?? {})) {
    if (isTooDeep(value)) {
      const text = `Values may be nested ${deepest} deep; this one is deeper.`;
      report({ code: 'study/invalid', place: { commandLine: `--param ${name}` }, text });
    } else override(name, { value, placeOf: () => ({ commandLine: `--param ${name}=${JSON.stringify(value)}` }) });
  }
  const compute = {
    ...standardCompute,
    ...objectOf(part(root, 'compute')),
    ...objectOf(profile && part(profile, 'compute')),
    ...choices.compute,
  };
  return { params, compute, profile: choices.profile ?? null };
}

/** What to say about a parameter that a study does not have. */
export function unknownParam(name: string, params: ReadonlyMap<string, unknown>): string {
  return `There is no parameter "${name}".${suggestion(name, params.keys())}`;
}

function chosenProfile(
  root: Sourced,
  name: string | undefined,
  report: (problem: Problem) => void,
): Sourced | undefined {
  if (name === undefined) return undefined;
  const profiles = fields(part(root, 'profiles'));
  const profile = profiles.get(name);
  if (!profile) {
    const text = `There is no profile "${name}".${suggestion(name, profiles.keys())}`;
    report({ code: 'study/profile-unknown', place: { commandLine: `--profile ${name}` }, text });
  }
  return profile;
}

function objectOf(sourced: Sourced | undefined): Record<string, never> {
  return Object.fromEntries([...fields(sourced)].map(([key, { value }]) => [key, value as never])); // the shape check has seen it
}
