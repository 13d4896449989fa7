import type { JsonSchema } from '../nodes/node-types.ts';

/** What no value fits. */
export const nothing: JsonSchema = { not: {} };

/** One of these texts; nothing where there are none. */
export function oneOf(texts: Iterable<string>): JsonSchema {
  const known = [...new Set(texts)];
  return known.length > 0 ? { type: 'string', enum: known } : nothing;
}

// As many instances a study may have unless it says otherwise.
export const mostLabels = 1000;

/** One of these labels of an axis, texts and numbers; any, where they are very many. */
export function oneLabelOf(labels: Iterable<string | number>): JsonSchema {
  const known = [...new Set(labels)];
  if (known.length > mostLabels) return anyOf([{ type: 'string' }, { type: 'number' }]);
  return known.length > 0 ? { enum: known } : nothing;
}

/** What fits any of these; nothing where there are none. */
export function anyOf(schemas: readonly JsonSchema[]): JsonSchema {
  if (schemas.length < 2) return schemas[0] ?? nothing;
  return { anyOf: schemas };
}

/** What fits all of these. */
export function allOf(schemas: readonly JsonSchema[]): JsonSchema {
  return schemas.length === 1 ? schemas[0]! : { allOf: schemas };
}

/** An object with these keys, of which `required` are always there, and others unless it is `closed`. */
export function object(
  properties: Readonly<Record<string, JsonSchema>>,
  { required = [], closed = false }: { readonly required?: readonly string[]; readonly closed?: boolean } = {},
): JsonSchema {
  return {
    type: 'object',
    properties,
    ...(required.length > 0 && { required }),
    ...(closed && { additionalProperties: false }),
  };
}

/** What must also fit `then` where it fits `condition`. */
export function when(condition: JsonSchema, then: JsonSchema): JsonSchema {
  return { if: condition, then };
}

/** A text that begins with one of `names` and a dot, a port of one of these nodes; or with another `mark`. */
export function portOf(names: readonly string[], mark = '.'): JsonSchema {
  if (names.length === 0) return nothing;
  return { type: 'string', pattern: `^(?:${names.map(escaped).join('|')})${escaped(mark)}` };
}

/** `text` as a pattern that it alone fits. */
export function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** A reference to a definition of the schema. */
export function refTo(...steps: readonly string[]): JsonSchema {
  const pointer = steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')));
  return { $ref: `#/$defs/${pointer.join('/')}` };
}
