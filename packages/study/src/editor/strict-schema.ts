import { type JsonSchema, recordOf } from '../nodes/node-types.ts';

const typeOfKeyword: Readonly<Record<string, string>> = {
  properties: 'object',
  required: 'object',
  additionalProperties: 'object',
  patternProperties: 'object',
  propertyNames: 'object',
  minProperties: 'object',
  maxProperties: 'object',
  items: 'array',
  prefixItems: 'array',
  minItems: 'array',
  maxItems: 'array',
  uniqueItems: 'array',
  pattern: 'string',
  minLength: 'string',
  maxLength: 'string',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  multipleOf: 'number',
};

// What says something of every type, or nothing at all.
const plainKeywords: ReadonlySet<string> = new Set(
  'type,enum,const,anyOf,allOf,oneOf,not,$ref,$defs,description,title,default,examples,deprecated'.split(','),
);

/**
 * `schema` as strict validators take it: one type for each keyword that needs one, no keyword that they do not know, and a
 * property for each that is required. It accepts what `schema` accepts, or more where only an unknown keyword says less.
 */
export function strictSchema(schema: JsonSchema): JsonSchema {
  const { type, ...rest } = schema;
  if (Array.isArray(type)) return oneOfTypes(type, rest);
  const known = Object.entries(schema).filter(([key]) => plainKeywords.has(key) || key in typeOfKeyword);
  const changed = tuple(Object.fromEntries(known.map(([key, value]) => [key, strictKeyword(key, value)])));
  if (typeof changed.pattern === 'string' && !isUnicodePattern(changed.pattern)) delete changed.pattern;
  const missing = typesOf(changed);
  if (type === undefined && missing.length === 1) changed.type = missing[0];
  if (!Array.isArray(changed.required)) return changed;
  const properties = Object.fromEntries(changed.required.map((key) => [String(key), {}]));
  return { ...changed, properties: { ...properties, ...recordOf(changed.properties) } };
}

function oneOfTypes(types: readonly unknown[], rest: JsonSchema): JsonSchema {
  const { description, default: standard, ...own } = rest;
  const fits = (key: string, type: unknown): boolean => {
    const wanted = typeOfKeyword[key];
    return wanted === undefined || wanted === (type === 'integer' ? 'number' : type);
  };
  return {
    ...(description !== undefined && { description }),
    ...(standard !== undefined && { default: standard }),
    anyOf: types.map((type) =>
      strictSchema({ ...Object.fromEntries(Object.entries(own).filter(([key]) => fits(key, type))), type }),
    ),
  };
}

function strictKeyword(key: string, value: unknown): unknown {
  if (Array.isArray(value))
    return ['anyOf', 'allOf', 'oneOf', 'prefixItems'].includes(key) ? value.map((one) => strictSchema(one)) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (['properties', 'patternProperties', '$defs'].includes(key))
    return Object.fromEntries(Object.entries(recordOf(value)).map(([name, one]) => [name, strictSchema(one)]));
  const isSchema = ['items', 'additionalProperties', 'propertyNames', 'not'].includes(key);
  return isSchema ? strictSchema(value as JsonSchema) : value; // the value of these keywords
}

/** A list whose first items differ says how many there are, or only of what kind the list is. */
function tuple(schema: Record<string, unknown>): Record<string, unknown> {
  const { prefixItems, items, ...rest } = schema;
  if (!Array.isArray(prefixItems)) return schema;
  const length = prefixItems.length;
  const isWhole = (items === undefined || items === false) && (rest.minItems ?? length) === length;
  return isWhole ? { ...rest, prefixItems, items: false, minItems: length } : { type: 'array', ...rest };
}

function typesOf(schema: Readonly<Record<string, unknown>>): readonly string[] {
  return [...new Set(Object.keys(schema).flatMap((key) => typeOfKeyword[key] ?? []))];
}

function isUnicodePattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false; // written for another mode of patterns: nothing is said of the text
  }
}
