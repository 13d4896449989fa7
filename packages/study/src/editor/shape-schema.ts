import * as z from 'zod';
import { studySchema } from '../file/study-schema.ts';
import { type JsonSchema, type NodeType, recordOf } from '../nodes/node-types.ts';

const reference: JsonSchema = {
  description: 'the value of a parameter or on an axis: { "$param": "levels" }, { "$axis": "sparsity" }',
  anyOf: ['$param', '$axis'].map((key) => ({
    type: 'object',
    properties: { [key]: { type: 'string' } },
    required: [key],
    additionalProperties: false,
  })),
};

const isReference: JsonSchema = { type: 'object', anyOf: [{ required: ['$param'] }, { required: ['$axis'] }] };

/**
 * The JSON Schema (2020-12) of the form of a study that uses `types`: what is refused by it is told before anything else. What
 * only the rest of the study can tell, such as names of nodes, is checked with it at hand; `editorSchema` says both.
 */
export function shapeSchema(types: ReadonlyMap<string, NodeType>): JsonSchema {
  const base = z.toJSONSchema(studySchema, { io: 'input' });
  const properties = recordOf(base.properties);
  const node = recordOf(properties.nodes).additionalProperties as JsonSchema; // a record's values
  return {
    ...base,
    title: 'Espalier study',
    $defs: { reference, ...optionDefinitions(types) },
    properties: {
      ...properties,
      nodes: { ...properties.nodes, additionalProperties: withTypes(node, [...types.values()]) },
    },
  };
}

function withTypes(node: JsonSchema, types: readonly NodeType[]): JsonSchema {
  const properties = recordOf(node.properties);
  return {
    ...node,
    properties: { ...properties, use: withSuggestions(properties.use!, types), matrix: properties.matrix },
    allOf: types.map(({ use, inputs }) => ({
      if: { properties: { use: { const: use } }, required: ['use'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: {
        properties: {
          with: { $ref: `#/$defs/${definitionName(use)}` },
          in: { properties: Object.fromEntries(Object.keys(inputs).map((port) => [port, true])) },
        },
      },
    })),
  };
}

// Editors offer `examples`; whether a type exists is checked later, with a better text.
function withSuggestions(use: JsonSchema, types: readonly NodeType[]): JsonSchema {
  return { ...use, examples: types.map((type) => type.use) };
}

function optionDefinitions(types: ReadonlyMap<string, NodeType>): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    [...types.values()].map(({ use, optionsSchema }) => [definitionName(use), insideReferences(optionsSchema)]),
  );
}

function definitionName(use: string): string {
  return use.replaceAll('/', '.');
}

/** `schema` with a reference allowed in the place of every value inside it. */
function insideReferences(schema: JsonSchema): JsonSchema {
  const changed: Record<string, unknown> = { ...schema };
  if ('properties' in schema) changed.properties = mapValues(recordOf(schema.properties), orReference);
  for (const key of ['items', 'additionalProperties']) {
    if (typeof schema[key] === 'object' && schema[key] !== null) changed[key] = orReference(schema[key] as JsonSchema); // a subschema
  }
  if (Array.isArray(schema.prefixItems)) changed.prefixItems = schema.prefixItems.map(orReference);
  // `oneOf` becomes `anyOf`: a reference may stand for the value that tells the branches apart.
  const branches = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(branches)) changed.anyOf = branches.map(insideReferences);
  delete changed.oneOf;
  return changed;
}

function orReference(schema: JsonSchema): JsonSchema {
  const { description, default: standard } = schema;
  return {
    ...(description !== undefined && { description }),
    ...(standard !== undefined && { default: standard }),
    if: isReference,
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { $ref: '#/$defs/reference' },
    else: insideReferences(schema),
  };
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
