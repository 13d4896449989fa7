import { type JsonSchema, recordOf } from '../nodes/node-types.ts';
import { typesOf } from '../recipes/param-types.ts';
import type { RecipeInput } from '../recipes/recipe-schema.ts';
import { edgesTo } from './edge-schemas.ts';
import type { EditedStudy, IncludeOutline, KnownParam } from './edited-study.ts';
import { anyOf, object, refTo } from './json-schema.ts';
import { withProperties } from './node-schema.ts';
import { orReference, paramDefinition } from './references.ts';

/**
 * What `include` may say: of a recipe that could be read, its inputs and parameters by name.
 *
 * @param described the parameters that have a definition of what their values must be
 */
export function includeSchema(
  base: JsonSchema,
  includes: EditedStudy['includes'],
  described: ReadonlyMap<string, unknown>,
): JsonSchema {
  const entry = recordOf(base).additionalProperties as JsonSchema; // a record's values
  const known = [...includes].map(([name, outline]) => [name, ofRecipe(entry, outline, described)] as const);
  return { ...base, properties: Object.fromEntries(known) };
}

function ofRecipe(
  entry: JsonSchema,
  { inputs, params }: IncludeOutline,
  described: ReadonlyMap<string, unknown>,
): JsonSchema {
  const neededInputs = [...inputs].flatMap(([name, { optional }]) => (optional ? [] : [name]));
  const neededParams = [...params].flatMap(([name, { param }]) => (Object.hasOwn(param, 'default') ? [] : [name]));
  const inputSchemas = [...inputs].map(([name, input]) => [name, inputSchema(input)] as const);
  const paramSchemas = [...params].map(([name, param]) => [name, paramSchema(param, described)] as const);
  const changed = withProperties(entry, {
    in: object(Object.fromEntries(inputSchemas), { required: neededInputs, closed: true }),
    with: object(Object.fromEntries(paramSchemas), { required: neededParams, closed: true }),
  });
  const needed = ['recipe', ...(neededInputs.length > 0 ? ['in'] : []), ...(neededParams.length > 0 ? ['with'] : [])];
  return { ...changed, required: needed };
}

function inputSchema({ kind, many, description }: RecipeInput): JsonSchema {
  const edge = kind === 'outputs' ? refTo('edge.whole') : edgesTo({ kind, ...(many && { many }) });
  return { description, allOf: [edge] };
}

function paramSchema({ name, param }: KnownParam, described: ReadonlyMap<string, unknown>): JsonSchema {
  const types = typesOf(param).map((type) => ({ type }));
  const all = [
    ...(types.length > 0 ? [anyOf(types)] : []),
    ...(described.has(name) ? [refTo(paramDefinition(name))] : []),
  ];
  return orReference({
    description: param.description,
    ...(Object.hasOwn(param, 'default') && { default: param.default }),
    ...(all.length > 0 && { allOf: all }),
  });
}
