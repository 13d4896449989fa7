import type { NdArray, ParameterInfo, Weights } from '@espalier/core';
import { readStateDict } from '../state-dict/read-state-dict.ts';
import type { StateDict, StateDictPlace } from '../state-dict/state-dict.ts';
import type { OtherNames } from './architecture.ts';

/** Parameters under the names that a file has for them, and the way back. */
export interface NamedState {
  /** By the file's names. */
  readonly weights: Weights;
  /** The parameters by the file's names. */
  readonly parameters: readonly ParameterInfo[];
  /** The name here of what the file calls `name`. */
  readonly nameHere: (name: string) => string;
}

/**
 * `readStateDict` for a file that may have other names: of its own names and `others`, those are taken of which the file has most.
 *
 * @throws StudyError as `readStateDict`
 */
export function readNamedState(
  state: StateDict,
  parameters: readonly ParameterInfo[],
  others: readonly OtherNames[],
  place: StateDictPlace,
): NamedState {
  const scheme = schemeOf(state.tensors.keys(), parameters, others);
  if (!scheme) return { weights: readStateDict(state, parameters, place), parameters, nameHere: (name) => name };
  place.log(`${place.name}: the names of ${scheme.of} are read as torchvision's`);
  const renamed = parameters.map((parameter) => ({ ...parameter, name: scheme.nameOf(parameter.name) }));
  const here = new Map(renamed.map(({ name }, i) => [name, parameters[i]!.name]));
  return {
    weights: readStateDict(state, renamed, place),
    parameters: renamed,
    nameHere: (name) => here.get(name) ?? name,
  };
}

/** Finds what a file calls a parameter, of the shapes or arrays that it holds: wrappers may stand before the name, and `_orig` behind. */
export function finderOf<Entry extends { readonly shape: readonly number[] }>(
  entries: ReadonlyMap<string, Entry>,
  others: readonly OtherNames[],
): (name: string) => Entry | undefined {
  const byEnding = new Map<string, Entry>();
  for (const [key, entry] of entries) for (const ending of endingsOf(key)) byEnding.set(ending, entry);
  const names = (name: string) => [name, ...others.map(({ nameOf }) => nameOf(name))];
  return (name) => names(name).flatMap((each) => byEnding.get(each) ?? [])[0];
}

/** The other names of which the file has more than of those used here. */
function schemeOf(
  keys: Iterable<string>,
  parameters: readonly ParameterInfo[],
  others: readonly OtherNames[],
): OtherNames | undefined {
  const endings = new Set([...keys].flatMap(endingsOf));
  const found = (nameOf: OtherNames['nameOf']) => parameters.filter(({ name }) => endings.has(nameOf(name))).length;
  let [best, most]: [OtherNames | undefined, number] = [undefined, found((name) => name)];
  for (const scheme of others) {
    const count = found(scheme.nameOf);
    if (count > most) [best, most] = [scheme, count];
  }
  return best;
}

/** A dotted name without one, two, ... of its first parts, and as it was before it was pruned. */
function endingsOf(key: string): readonly string[] {
  const parts = key.replace(/_orig$/, '').split('.');
  return parts.map((_, i) => parts.slice(i).join('.'));
}

/** The arrays of `state` under the names used here. */
export function weightsHere({ weights, nameHere }: NamedState): ReadonlyMap<string, NdArray> {
  return new Map([...weights].map(([name, array]) => [nameHere(name), array]));
}
