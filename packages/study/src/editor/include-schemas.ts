import { type JsonSchema, recordOf } from '../nodes/node-types.ts';
import { typesOf } from '../recipes/param-types.ts';
import type { RecipeInput, RecipeParam } from '../recipes/recipe-schema.ts';
import { edgesTo } from './edge-schemas.ts';
import type { EditedStudy, IncludeOutline } from './edited-study.ts';
import { anyOf, object } from './json-schema.ts';
import { withProperties } from './node-schema.ts';
import { orReference } from './references.ts';

/** What `include` may say: of a recipe that could be read, its inputs and parameters by name. */
export function includeSchema(base: JsonSchema, includes: EditedStudy['includes']): JsonSchema {
  const entry = recordOf(base).additionalProperties as JsonSchema; // a record's values
  const known = [...includes].map(([name, outline]) => [name, ofRecipe(entry, outline)] as const);
  return { ...base, properties: Object.fromEntries(known) };
}

function ofRecipe(entry: JsonSchema, { inputs, params }: IncludeOutline): JsonSchema {
  const neededInputs = [...inputs].flatMap(([name, { optional }]) => (optional ? [] : [name]));
  const neededParams = [...params].flatMap(([name, param]) => (Object.hasOwn(param, 'default') ? [] : [name]));
  const changed = withProperties(entry, {
    in: object(mapped(inputs, inputSchema), { required: neededInputs, closed: true }),
    with: object(mapped(params, paramSchema), { required: neededParams, closed: true }),
  });
  const needed = ['recipe', ...(neededInputs.length > 0 ? ['in'] : []), ...(neededParams.length > 0 ? ['with'] : [])];
  return { ...changed, required: needed };
}

function mapped<Value>(entries: ReadonlyMap<string, Value>, schemaOf: (value: Value) => JsonSchema) {
  return Object.fromEntries([...entries].map(([name, value]) => [name, schemaOf(value)]));
}

function inputSchema({ kind, many, description }: RecipeInput): JsonSchema {
  return { description, allOf: [edgesTo({ kind, ...(many && { many }) })] };
}

function paramSchema(param: RecipeParam): JsonSchema {
  const types = typesOf(param).map((type) => ({ type }));
  return orReference({
    description: param.description,
    ...(Object.hasOwn(param, 'default') && { default: param.default }),
    ...(types.length > 0 && anyOf(types)),
  });
}
