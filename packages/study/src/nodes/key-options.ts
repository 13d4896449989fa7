import { canonicalJson } from '@espalier/store';
import { type JsonSchema, recordOf } from './node-types.ts';

/**
 * Parsed options without values equal to their defaults, so that a new option with a default that keeps the old
 * behaviour keeps old results.
 */
export function withoutDefaults(options: unknown, schema: JsonSchema): unknown {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return options;
  const properties = recordOf(branchFor(options, schema).properties);
  const kept = Object.entries(options).flatMap(([key, value]) => {
    const child = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (child && 'default' in child && isSame(value, child.default, child)) return [];
    return [[key, child ? withoutDefaults(value, child) : value] as const];
  });
  return Object.fromEntries(kept);
}

function isSame(value: unknown, standard: unknown, schema: JsonSchema): boolean {
  return canonicalJson(withoutDefaults(value, schema)) === canonicalJson(withoutDefaults(standard, schema));
}

/** The branch of a union that `options` belongs to: the one whose constants it has. */
function branchFor(options: object, schema: JsonSchema): JsonSchema {
  const branches = schema.oneOf ?? schema.anyOf;
  if (!Array.isArray(branches)) return schema;
  return (
    branches.find((branch: JsonSchema) =>
      Object.entries(recordOf(branch.properties)).every(
        ([key, child]) => !('const' in child) || (options as Record<string, unknown>)[key] === child.const, // compared only
      ),
    ) ?? schema
  );
}
