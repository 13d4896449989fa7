import { type ParameterInfo, StudyError } from '@espalier/core';
import type { StateDict, StateDictPlace } from './state-dict.ts';

/** What torch.compile, FullyShardedDataParallel and checkpointing put into names, wherever the wrapped module stands. */
const wrapperSegments: ReadonlySet<string> = new Set([
  '_orig_mod',
  '_fsdp_wrapped_module',
  '_checkpoint_wrapped_module',
]);

/**
 * The same arrays without what wrappers put before all names. Which prefix that is, the names of `parameters` tell.
 *
 * @throws StudyError `core/weights-mismatch` where a prefix stands before some names only, or several fit as well
 */
export function withoutWrappers(
  { tensors, dtypes }: StateDict,
  parameters: readonly ParameterInfo[],
  place: StateDictPlace,
): StateDict {
  const plain = new Map([...tensors.keys()].map((key) => [key, withoutSegments(key)]));
  const prefix = wrapperPrefix([...plain.values()], parameters, place.name);
  const renamed = new Map([...plain].map(([key, name]) => [key, name.slice(prefix.length)]));
  refuseCollisions(renamed, place.name);
  const changed = [...renamed].find(([key, name]) => key !== name);
  if (changed) place.log(`${place.name}: wrappers are left off the names; "${changed[0]}" is read as "${changed[1]}"`);
  return { tensors: withNames(tensors, renamed), dtypes: withNames(dtypes, renamed) };
}

function withNames<Value>(map: ReadonlyMap<string, Value>, names: ReadonlyMap<string, string>): Map<string, Value> {
  return new Map([...map].map(([key, value]) => [names.get(key)!, value]));
}

function withoutSegments(key: string): string {
  const segments = key.split('.');
  return segments.filter((segment) => !wrapperSegments.has(segment)).join('.');
}

function wrapperPrefix(names: readonly string[], parameters: readonly ParameterInfo[], file: string): string {
  const [best, second] = prefixesByFit(names, parameters);
  if (!best || best.prefix === '') return '';
  if (second?.fitting === best.fitting) {
    throw new StudyError(
      'core/weights-mismatch',
      `${file} holds several networks: under "${best.prefix}" and under "${second.prefix}". Save the state_dict of one.`,
    );
  }
  const others = names.filter((name) => !name.startsWith(best.prefix));
  if (others.length === 0) return best.prefix;
  throw new StudyError(
    'core/weights-mismatch',
    `${file} holds the network under "${best.prefix}" and ${others.length} more beside it, such as "${others[0]}". ` +
      `Save the state_dict of the network alone: the names that begin with "${best.prefix}".`,
  );
}

interface Fit {
  readonly prefix: string;
  /** How many parameters have their name behind it. */
  readonly fitting: number;
}

/** What stands before names of parameters, the best first. */
function prefixesByFit(names: readonly string[], parameters: readonly ParameterInfo[]): readonly Fit[] {
  const known = new Set(parameters.map(({ name }) => name));
  const fits = new Map<string, number>();
  for (const name of names) {
    const unpruned = name.replace(/_orig$/, '');
    for (let at = 0; at >= 0; at = nextSegment(unpruned, at)) {
      if (!known.has(unpruned.slice(at))) continue;
      const prefix = unpruned.slice(0, at);
      fits.set(prefix, (fits.get(prefix) ?? 0) + 1);
    }
  }
  return [...fits].map(([prefix, fitting]) => ({ prefix, fitting })).sort((a, b) => b.fitting - a.fitting);
}

/** Where the next part of a dotted name begins; -1 after the last. */
function nextSegment(name: string, at: number): number {
  const dot = name.indexOf('.', at);
  return dot < 0 ? -1 : dot + 1;
}

function refuseCollisions(renamed: ReadonlyMap<string, string>, file: string): void {
  const before = new Map<string, string>();
  for (const [key, name] of renamed) {
    const other = before.get(name);
    if (other !== undefined) {
      throw new StudyError(
        'core/weights-mismatch',
        `${file}: "${other}" and "${key}" both stand for "${name}". Save the state_dict of one network.`,
      );
    }
    before.set(name, key);
  }
}
