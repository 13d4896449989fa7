import { type JsonSchema, type NodeType, recordOf } from '../nodes/node-types.ts';
import type { Path } from '../text/located-text.ts';
import { allOf, anyOf, object, refTo, when } from './json-schema.ts';
import type { KnownNode, KnownStudy } from './known-study.ts';
import { someOptions } from './node-schema.ts';
import { definitionName, optionsOf } from './option-schemas.ts';
import { insideReferences, paramDefinition } from './references.ts';
import { fields, part, parts, textAt } from './unchecked.ts';

/** What the values of parameters, and those on the axes of each node, must be: what the options say where they stand. */
export interface ReferenceUses {
  /** Parameter name: what its value must fit. */
  readonly params: ReadonlyMap<string, JsonSchema>;
  /** Node name, then axis name: what the list of its values must fit. */
  readonly axes: ReadonlyMap<string, ReadonlyMap<string, JsonSchema>>;
}

export function referenceUses({ nodes, params: values }: KnownStudy): ReferenceUses {
  const params = new Wanted();
  const axes = new Map<string, ReadonlyMap<string, JsonSchema>>();
  for (const known of nodes.values()) {
    const values = new Wanted();
    for (const { reference, name, schema } of optionUses(known)) {
      if (reference === '$param') params.add(name, schema);
      else if (mustFit(known, name)) values.add(name, schema);
    }
    const found = values.all();
    axes.set(known.name, new Map([...found].map(([axis, schema]) => [axis, listOf(onAxis(schema))])));
    for (const [name, schema] of axisUses(known, found)) params.add(name, schema);
  }
  // A parameter that stands for one of a recipe is what that must be.
  for (const [name, all] of values)
    for (const value of all) {
      const other = textAt(value, '$param');
      if (other !== undefined && !leadsTo(name, other, values)) params.add(other, refTo(paramDefinition(name)));
    }
  return { params: params.all(), axes };
}

/** Whether the value of `from` is that of `name`, also by way of others. */
function leadsTo(name: string, from: string, values: KnownStudy['params'], trail: readonly string[] = []): boolean {
  if (from === name) return true;
  if (trail.includes(from)) return false;
  const next = (values.get(from) ?? []).flatMap((value) => textAt(value, '$param') ?? []);
  return next.some((other) => leadsTo(name, other, values, [...trail, from]));
}

/** What is wanted of names, each thing once. */
class Wanted {
  readonly #schemas = new Map<string, Map<string, JsonSchema>>();

  add(name: string, schema: JsonSchema): void {
    const found = this.#schemas.get(name) ?? new Map<string, JsonSchema>();
    this.#schemas.set(name, found.set(JSON.stringify(schema), schema));
  }

  all(): ReadonlyMap<string, JsonSchema> {
    return new Map([...this.#schemas].map(([name, schemas]) => [name, allOf([...schemas.values()])]));
  }
}

interface Reference {
  readonly reference: '$param' | '$axis';
  readonly name: string;
  readonly path: Path;
}

type OptionUse = Omit<Reference, 'path'> & { readonly schema: JsonSchema };

/** Every reference in the options of a node and of the rows that choose its plugin, with what the option says of it. */
function optionUses({ node, types, chosenBy }: KnownNode): readonly OptionUse[] {
  const own = types.flatMap((type) => usesIn(part(node, 'with'), type, chosenBy !== undefined));
  const matrix = part(node, 'matrix');
  const rows = [...fields(matrix).values()].flatMap((values) => parts(values));
  const chosen = rows.flatMap((row) => {
    const type = types.find(({ use }) => use === part(row, 'use'));
    return type ? usesIn(part(row, 'with'), type, true) : [];
  });
  return [...own, ...chosen];
}

function usesIn(options: unknown, type: NodeType, some: boolean): readonly OptionUse[] {
  return referencesIn(options, []).flatMap(({ reference, name, path }) => {
    const whole = some ? someOptions(type.use) : refTo(definitionName(type.use));
    if (path.length === 0) return reference === '$param' ? [{ reference, name, schema: whole }] : [];
    const [option] = path;
    if (path.length === 1 && typeof option === 'string' && option in recordOf(optionsOf(type).properties))
      return [{ reference, name, schema: refTo(definitionName(type.use), 'properties', option) }];
    const schema = schemaAt(optionsOf(type), path);
    return schema ? [{ reference, name, schema: insideReferences(schema) }] : [];
  });
}

function referencesIn(value: unknown, path: Path): readonly Reference[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => referencesIn(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  const [key, name] = entries[0] ?? [];
  if (entries.length === 1 && (key === '$param' || key === '$axis') && typeof name === 'string')
    return [{ reference: key, name, path }];
  return entries.flatMap(([inner, item]) => referencesIn(item, [...path, inner]));
}

/** What a schema says of the value at `path`; undefined where it says nothing. */
function schemaAt(schema: JsonSchema, path: Path): JsonSchema | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return schema;
  const branches = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(branches)) {
    const found = (branches as readonly JsonSchema[]) // subschemas
      .map((branch) => schemaAt(branch, path))
      .filter((branch) => branch !== undefined);
    return found.length > 0 ? anyOf(found) : undefined;
  }
  const prefix = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
  const inner: unknown =
    typeof step === 'number'
      ? (prefix[step] ?? schema.items)
      : (recordOf(schema.properties)[step] ?? schema.additionalProperties);
  return typeof inner === 'object' && inner !== null ? schemaAt(inner as JsonSchema, rest) : undefined; // a subschema
}

// Combinations may be left out that would make a value wrong; values that choose plugins are none of an option.
function mustFit({ own, node, chosenBy }: KnownNode, axis: string): boolean {
  const matrix = part(node, 'matrix');
  return own.has(axis) && axis !== chosenBy && part(matrix, 'exclude') === undefined;
}

/** The parameters that give a node's axes their values, with what these must be. */
function axisUses(
  { node, chosenBy }: KnownNode,
  wanted: ReadonlyMap<string, JsonSchema>,
): readonly (readonly [string, JsonSchema])[] {
  const scan = part(node, 'scan');
  const scanned = textAt(scan, 'axis');
  const matrix = [...fields(part(node, 'matrix'))].filter(([axis]) => axis !== 'include' && axis !== 'exclude');
  const written = [...matrix, ...(scanned === undefined ? [] : [[scanned, part(scan, 'over')] as const])];
  return written.flatMap(([axis, values]) => {
    const schema = wanted.get(axis);
    const each = [...(schema ? [onAxis(schema)] : []), ...(axis === chosenBy ? [refTo('chooser')] : [])];
    const param = textAt(values, '$param');
    if (param !== undefined) return [[param, allOf([refTo('axisValues'), ...each.map(listOf)])] as const];
    return parts(values).flatMap((item) => {
      const name = textAt(item, '$param');
      return name !== undefined ? [[name, allOf([refTo('axisValue'), ...each])] as const] : [];
    });
  });
}

function listOf(item: JsonSchema): JsonSchema {
  return when({ type: 'array' }, { type: 'array', items: item });
}

/** A value on an axis, plain or with a label, that fits `schema`. */
function onAxis(schema: JsonSchema): JsonSchema {
  return { ...when({ type: 'object' }, object({ value: schema })), else: schema };
}
