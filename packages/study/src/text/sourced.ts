import type { Path } from './located-text.ts';
import type { Place } from './problems.ts';

/** A value that knows where each part of it was written, also after references have been replaced. */
export interface Sourced {
  readonly value: unknown;
  readonly placeOf: (path: Path) => Place;
}

/** A value as it stands in the study file at `base`. */
export function written(value: unknown, base: Path): Sourced {
  return { value, placeOf: (path) => ({ path: [...base, ...path] }) };
}

/** The part of `sourced` under `key`; undefined when there is none. */
export function part(sourced: Sourced, key: string | number): Sourced | undefined {
  const { value, placeOf } = sourced;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return {
    value: (value as Record<string | number, unknown>)[key], // an own property, just checked
    placeOf: (path) => placeOf([key, ...path]),
  };
}

/** A value as a name to look up and to show: itself if it is a text or number, else its JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
}

/** The parts of a list. */
export function parts(sourced: Sourced): readonly Sourced[] {
  return Array.isArray(sourced.value) ? sourced.value.map((_, index) => part(sourced, index)!) : [];
}

/** The parts of an object by key. */
export function fields(sourced: Sourced | undefined): ReadonlyMap<string, Sourced> {
  const { value } = sourced ?? {};
  if (!sourced || typeof value !== 'object' || value === null || Array.isArray(value)) return new Map();
  return new Map(Object.keys(value).map((key) => [key, part(sourced, key)!]));
}

/** An object made of parts from different places. */
export function assembled(entries: ReadonlyMap<string, Sourced>, around: Place): Sourced {
  const value: Record<string, unknown> = Object.create(null);
  for (const [key, sourced] of entries) value[key] = sourced.value;
  return {
    value,
    placeOf: ([key, ...rest]) => (key === undefined ? undefined : entries.get(String(key))?.placeOf(rest)) ?? around,
  };
}

/**
 * `sourced` with every `{ [reference]: name }` inside replaced by what `lookUp` returns for the name.
 *
 * Where it returns undefined the reference stays; `lookUp` says why.
 */
export function substitute(
  sourced: Sourced,
  reference: '$param' | '$axis',
  lookUp: (name: string, place: Place) => Sourced | undefined,
): Sourced {
  const replaced = new Map<string, Sourced>();
  const visit = (value: unknown, path: Path): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    const name = referenced(value, reference);
    if (name !== undefined) {
      const found = lookUp(name, sourced.placeOf([...path, reference]));
      if (found) replaced.set(JSON.stringify(path), found);
      return found ? found.value : value;
    }
    const copy: Record<string, unknown> = Object.create(null);
    for (const [key, item] of Object.entries(value)) copy[key] = visit(item, [...path, key]);
    return copy;
  };
  const value = visit(sourced.value, []);
  if (replaced.size === 0) return sourced;
  return {
    value,
    placeOf(path) {
      for (let length = 0; length <= path.length; length++) {
        const found = replaced.get(JSON.stringify(path.slice(0, length)));
        if (found) return found.placeOf(path.slice(length));
      }
      return sourced.placeOf(path);
    },
  };
}

function referenced(value: object, reference: string): string | undefined {
  const keys = Object.keys(value);
  const name = (value as Record<string, unknown>)[reference]; // read as unknown and checked
  return keys.length === 1 && keys[0] === reference && typeof name === 'string' ? name : undefined;
}
