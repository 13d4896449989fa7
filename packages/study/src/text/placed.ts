import type { Path } from './located-text.ts';
import type { Place } from './problems.ts';

/** Says where the part at a path was written: in the study file, or where a parameter was given its value. */
export type PlaceOf = (path: Path) => Place;

/** A value, and where each part of it was written. */
export interface Placed<Value = unknown> {
  readonly value: Value;
  readonly placeOf: PlaceOf;
}

/** The places of what stands in the study file at `base`. */
export function inFile(...base: Path): PlaceOf {
  return inText(undefined, ...base);
}

/** The places of what stands at `base` in the recipe of an include, or in the study file. */
export function inText(include: string | undefined, ...base: Path): PlaceOf {
  return (path) => ({ path: [...base, ...path], ...(include !== undefined && { include }) });
}

/** The places of the part at `steps`. */
export function below(placeOf: PlaceOf, ...steps: Path): PlaceOf {
  return (path) => placeOf([...steps, ...path]);
}

/** The place of a key instead of its value. */
export function atKey(place: Place): Place {
  return 'path' in place ? { ...place, key: true } : place;
}

/** An object made of parts from different places. */
export function assembled(entries: ReadonlyMap<string, Placed>, around: Place): Placed<Record<string, unknown>> {
  const value: Record<string, unknown> = Object.create(null);
  for (const [key, placed] of entries) value[key] = placed.value;
  return {
    value,
    placeOf: ([key, ...rest]) => (key === undefined ? undefined : entries.get(String(key))?.placeOf(rest)) ?? around,
  };
}

/** A value with what references stand for in their place. */
export interface Substituted extends Placed {
  /** Where references stood that stand for nothing: there is nothing in their place. */
  readonly holes: readonly Path[];
}

/** `placed` with every `{ [reference]: name }` inside replaced by what `lookUp` returns for the name. */
export function substitute(
  placed: Placed,
  reference: '$param' | '$axis',
  lookUp: (name: string, place: Place) => Placed | undefined,
): Substituted {
  const replaced = new Map<string, Placed>();
  const holes: Path[] = [];
  const visit = (value: unknown, path: Path): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, index]));
    const name = referenced(value, reference);
    if (name !== undefined) {
      const found = lookUp(name, placed.placeOf([...path, reference]));
      if (found) replaced.set(JSON.stringify(path), found);
      else holes.push(path);
      return found?.value;
    }
    const copy: Record<string, unknown> = Object.create(null);
    for (const [key, item] of Object.entries(value)) {
      const inside = visit(item, [...path, key]);
      if (inside !== undefined) copy[key] = inside;
    }
    return copy;
  };
  const value = visit(placed.value, []);
  if (replaced.size === 0) return { value, placeOf: placed.placeOf, holes };
  return {
    value,
    holes,
    placeOf(path) {
      for (let length = 0; length <= path.length; length++) {
        const found = replaced.get(JSON.stringify(path.slice(0, length)));
        if (found) return found.placeOf(path.slice(length));
      }
      return placed.placeOf(path);
    },
  };
}

function referenced(value: object, reference: string): string | undefined {
  const keys = Object.keys(value);
  const name = (value as Record<string, unknown>)[reference]; // read as unknown and checked
  return keys.length === 1 && keys[0] === reference && typeof name === 'string' ? name : undefined;
}
