import { type JsonSchema, type NodeType, recordOf } from '../nodes/node-types.ts';
import { object, refTo } from './json-schema.ts';
import { insideReferences } from './references.ts';
import { strictSchema } from './strict-schema.ts';

/** The options of every type, as definitions: `ig.integrated-gradients`, and `ig.integrated-gradients/some` of which none must be there. */
export function optionDefinitions(types: Iterable<NodeType>): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    [...types].flatMap((type) => {
      const whole = insideReferences(optionsOf(type));
      const name = definitionName(type.use);
      const keys = Object.keys(recordOf(whole.properties));
      const some = object(Object.fromEntries(keys.map((key) => [key, refTo(name, 'properties', key)])), {
        closed: true,
      });
      return [
        [name, whole],
        [`${name}/some`, some],
      ];
    }),
  );
}

// Asked for at every reference of a study.
const strictOptions = new WeakMap<NodeType, JsonSchema>();

/** The options of a type as they are read, without references. */
export function optionsOf(type: NodeType): JsonSchema {
  const { use, optionsSchema } = type;
  const found = strictOptions.get(type);
  const made = found ?? strictSchema(withDefinitionsAt(optionsSchema, String(refTo(definitionName(use)).$ref)));
  if (!found) strictOptions.set(type, made);
  return made;
}

/** The options that must be there, in the node or in the row that chooses the type. */
export function requiredOptions({ optionsSchema }: NodeType): readonly string[] {
  return Array.isArray(optionsSchema.required) ? optionsSchema.required.map(String) : [];
}

export function definitionName(use: string): string {
  return use.replaceAll('/', '.');
}

/** A schema that is whole in itself as a part of another one: what it refers to stands below `pointer`. */
function withDefinitionsAt(schema: JsonSchema, pointer: string): JsonSchema {
  if (!JSON.stringify(schema).includes('"$ref"')) return schema;
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace(/^#/, pointer) : value,
  ) as JsonSchema; // the same with other texts
}
