import { type JsonSchema, recordOf } from '../nodes/node-types.ts';
import { anyOf, object, oneOf, refTo } from './json-schema.ts';

/** Definition of what the values of a parameter must be. */
export function paramDefinition(name: string): string {
  return `param.${name}`;
}

/** `{ "$param": ... }` with one of these names. */
export function paramReference(names: Iterable<string>): JsonSchema {
  const named = object({ $param: oneOf(names) }, { required: ['$param'], closed: true });
  return { ...named, description: 'the value of a parameter: { "$param": "levels" }' };
}

/** What may stand in the place of an option's value. The axes that a node has are checked where it is known. */
export function referenceDefinitions(): Readonly<Record<string, JsonSchema>> {
  const axis = object({ $axis: { type: 'string' } }, { required: ['$axis'], closed: true });
  const description = 'the value of a parameter or on an axis: { "$param": "levels" }, { "$axis": "sparsity" }';
  return { reference: { description, anyOf: [refTo('param'), axis] }, 'reference/any': anyReference };
}

/** Fits a reference, in the place of a value. */
export const isReference = refTo('reference/any');

const anyReference: JsonSchema = {
  type: 'object',
  ...anyOf(['$param', '$axis'].map((key) => object({ [key]: { type: 'string' } }, { required: [key] }))),
};

/** `schema`, or a reference in its place; `reference` is the definition of the references that may stand there. */
export function orReference(schema: JsonSchema, reference = 'reference'): JsonSchema {
  const { description, default: standard } = schema;
  return {
    ...(description !== undefined && { description }),
    ...(standard !== undefined && { default: standard }),
    if: isReference,
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: refTo(reference),
    else: schema,
  };
}

/** `schema` with a reference allowed in the place of every value inside it. */
export function insideReferences(schema: JsonSchema): JsonSchema {
  const changed: Record<string, unknown> = { ...schema };
  const deep = (inner: JsonSchema): JsonSchema => orReference(insideReferences(inner));
  for (const key of ['properties', 'patternProperties'])
    if (key in schema) changed[key] = mapValues(recordOf(schema[key]), deep);
  for (const key of ['items', 'additionalProperties'])
    if (typeof schema[key] === 'object' && schema[key] !== null) changed[key] = deep(schema[key] as JsonSchema); // a subschema
  if (Array.isArray(schema.prefixItems)) changed.prefixItems = schema.prefixItems.map(deep);
  if (Array.isArray(schema.allOf)) changed.allOf = schema.allOf.map(insideReferences);
  if ('$defs' in schema) changed.$defs = mapValues(recordOf(schema.$defs), insideReferences);
  // `oneOf` becomes `anyOf`: a reference may stand for the value that tells the branches apart.
  const branches = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(branches)) changed.anyOf = branches.map(insideReferences);
  delete changed.oneOf;
  return changed;
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
