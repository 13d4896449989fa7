import type { Plugin } from '@espalier/core';
import * as z from 'zod';
import type { InputPort, NodeCatalogue, NodeKind } from './node-kind.ts';
import type { PluginPackage } from './plugin-package.ts';

/** What `use` names: a plugin of a listed package, or a node built into the runner. */
export interface NodeType {
  /** `ig/integrated-gradients`, as this study writes it. */
  readonly use: string;
  /** `@espalier/explainer-ig/integrated-gradients`: the same in every study. */
  readonly id: string;
  readonly package: Pick<PluginPackage, 'name' | 'version' | 'codes'>;
  readonly name: string;
  /** Absent for built-in nodes. */
  readonly plugin: Plugin | undefined;
  readonly cacheVersion: string;
  readonly kind: NodeKind;
  readonly inputs: Readonly<Record<string, InputPort>>;
  /** JSON Schema of the plugin's and the kind's options together, as they are written. */
  readonly optionsSchema: JsonSchema;
}

/** A JSON Schema (2020-12) as an object. */
export type JsonSchema = { readonly [key: string]: unknown };

/** The alias of the nodes that need no plugin. */
export const builtInAlias = 'core';

/** Every type that a study may use, by what it writes in `use`. */
export function nodeTypes(
  packages: ReadonlyMap<string, PluginPackage>,
  { kinds, builtIn }: NodeCatalogue,
): ReadonlyMap<string, NodeType> {
  const types = Object.entries(builtIn).map(([name, kind]) => builtInType(name, kind));
  for (const [alias, found] of packages)
    for (const plugin of found.plugins.values()) types.push(typeOf(alias, found, plugin, kinds[plugin.kind]));
  return new Map(types.map((type) => [type.use, type]));
}

function builtInType(name: string, kind: NodeKind): NodeType {
  return {
    use: `${builtInAlias}/${name}`,
    id: `${builtInAlias}/${name}`,
    package: { name: builtInAlias, version: '1', codes: {} },
    name,
    plugin: undefined,
    cacheVersion: '1',
    kind,
    inputs: kind.inputs(undefined),
    optionsSchema: schemaOf(kind.options),
  };
}

// Many plugins are of one kind.
const kindSchemas = new Map<NodeKind, JsonSchema>();

function typeOf(alias: string, found: PluginPackage, plugin: Plugin, kind: NodeKind): NodeType {
  const own = schemaOf(plugin.options);
  const extra = kindSchemas.get(kind) ?? schemaOf(kind.options);
  kindSchemas.set(kind, extra);
  return {
    use: `${alias}/${plugin.name}`,
    id: `${found.name}/${plugin.name}`,
    package: { name: found.name, version: found.version, codes: found.codes },
    name: plugin.name,
    plugin,
    cacheVersion: plugin.cacheVersion,
    kind,
    inputs: kind.inputs(plugin),
    optionsSchema: joined(own, extra),
  };
}

/** JSON Schema of the options of a plugin and its kind together; of the kind's alone for a node built in. */
export function typeOptionsSchema(kind: NodeKind, plugin: Plugin | undefined): JsonSchema {
  return plugin ? joined(schemaOf(plugin.options), schemaOf(kind.options)) : schemaOf(kind.options);
}

function joined(own: JsonSchema, extra: JsonSchema): JsonSchema {
  return {
    ...own,
    properties: { ...recordOf(own.properties), ...recordOf(extra.properties) },
    required: [...listOf(own.required), ...listOf(extra.required)],
  };
}

function schemaOf(options: z.ZodType): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(options, { io: 'input' });
  return schema;
}

/** An object as it is; of anything else, none of its parts. */
export function recordOf(value: unknown): Readonly<Record<string, JsonSchema>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, JsonSchema>) : {}; // a part of a JSON Schema
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
