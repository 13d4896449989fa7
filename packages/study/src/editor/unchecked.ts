/*
 * A study that somebody is writing has any form: what is not there, or of another form, is nothing here.
 */

/** The part of `value` under `key`; undefined when there is none. */
export function part(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string | number, unknown>)[key]; // an own property, just checked
}

/** The parts of a list. */
export function parts(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The parts of an object by key. */
export function fields(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []);
}

/** A text as it is, and nothing for anything else. */
export function textAt(value: unknown, key: string): string | undefined {
  const found = part(value, key);
  return typeof found === 'string' ? found : undefined;
}

/** A value as a name to look up: itself if it is a text or number, else its JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
}
