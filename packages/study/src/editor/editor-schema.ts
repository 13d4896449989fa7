import * as z from 'zod';
import { studySchema } from '../file/study-schema.ts';
import { builtInAlias, type JsonSchema, type NodeType, recordOf } from '../nodes/node-types.ts';
import { type EdgesFrom, edgeDefinitions } from './edge-schemas.ts';
import { editedStudy, type StudyToEdit } from './edited-study.ts';
import { includeSchema } from './include-schemas.ts';
import { escaped, object, refTo } from './json-schema.ts';
import { type KnownNode, type KnownStudy, knownStudy, labelCount, ownNodes } from './known-study.ts';
import { axesDefinition, axesName, namedNodeSchema } from './named-node-schema.ts';
import { nodeDefinitions, withProperties } from './node-schema.ts';
import { optionDefinitions } from './option-schemas.ts';
import { referenceUses } from './reference-uses.ts';
import { paramDefinition, paramReference, referenceDefinitions } from './references.ts';
import { strictSchema } from './strict-schema.ts';

/**
 * The JSON Schema (2020-12) that editors complete a study from: all that a plan would refuse for its names, kinds and options.
 * Strict validators take it. Of what is not known, such as the plugins of a package that is not installed, it says nothing.
 *
 * @param types what `use` may name
 * @param study the study as it stands, which may have mistakes; without one, names are left open
 * @param failed aliases whose package could not be loaded
 */
export function editorSchema(
  types: ReadonlyMap<string, NodeType>,
  study?: StudyToEdit,
  failed: ReadonlySet<string> = new Set(),
): JsonSchema {
  const { $schema, ...base } = z.toJSONSchema(studySchema, { io: 'input' });
  const strict = strictSchema(base);
  const properties = recordOf(strict.properties);
  const node = recordOf(properties.nodes).additionalProperties as JsonSchema; // a record's values
  const edited = study && editedStudy(study);
  const known = edited && sayable(knownStudy(edited, types));
  const { parts, definitions } = known ? ofStudy(known, properties) : ofAnyStudy(properties);
  const include = includeSchema(properties.include!, edited?.includes ?? new Map(), known?.params ?? new Map());
  return {
    $schema,
    title: 'Espalier study',
    ...withProperties(strict, { ...parts, include, plugins: plugins(properties.plugins!) }),
    $defs: {
      ...referenceDefinitions(),
      ...optionDefinitions(types.values()),
      ...edgeDefinitions(known),
      ...nodeDefinitions(node, { types, failed }),
      ...definitions,
    },
  };
}

// More would make a file that no editor reads.
const mostSaid = 100_000;

function sayable(known: KnownStudy): KnownStudy | undefined {
  return labelCount(known) > mostSaid ? undefined : known;
}

interface StudyParts {
  readonly parts: Readonly<Record<string, JsonSchema>>;
  readonly definitions: Readonly<Record<string, JsonSchema>>;
}

function ofAnyStudy(properties: Readonly<Record<string, JsonSchema>>): StudyParts {
  const param = object({ $param: { type: 'string' } }, { required: ['$param'], closed: true });
  return {
    parts: { nodes: nodes(properties.nodes!, {}), outputs: outputs(properties.outputs!) },
    definitions: { param },
  };
}

function ofStudy(known: KnownStudy, properties: Readonly<Record<string, JsonSchema>>): StudyParts {
  const uses = referenceUses(known);
  const later = laterNodes([...known.nodes.values()]);
  const ownOnes = ownNodes(known);
  const named = ownOnes.map((node) => {
    const around = {
      later: edgesFrom([node.name, ...later.get(node.name)!], known),
      valuesOn: uses.axes.get(node.name)!,
    };
    return [node.name, namedNodeSchema(node, around)] as const;
  });
  const axes = ownOnes.flatMap((node) => (node.axes ? [[axesName(node.name), axesDefinition(node)] as const] : []));
  const all = Object.fromEntries([...known.params.keys()].map((name) => [name, refTo(paramDefinition(name))]));
  const own = Object.fromEntries(known.ownParams.map((name) => [name, refTo(paramDefinition(name))]));
  const profile = recordOf(properties.profiles).additionalProperties as JsonSchema; // a record's values
  return {
    parts: {
      params: { ...properties.params, properties: own },
      profiles: {
        ...properties.profiles,
        additionalProperties: withProperties(profile, {
          params: { ...object(all, { closed: true }), ...partsOfObjects(known.params) },
        }),
      },
      nodes: nodes(properties.nodes!, Object.fromEntries(named)),
      outputs: outputs(properties.outputs!),
    },
    definitions: {
      param: paramReference(known.params.keys()),
      ...Object.fromEntries(
        [...known.params.keys()].map((name) => [paramDefinition(name), uses.params.get(name) ?? {}]),
      ),
      ...Object.fromEntries(axes),
    },
  };
}

/** `images.size`, a part of a parameter that is an object. */
function partsOfObjects(params: KnownStudy['params']): JsonSchema {
  const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
  const names = [...params].flatMap(([name, values]) => (values.some(isObject) ? [escaped(name)] : []));
  return names.length === 0 ? {} : { patternProperties: { [`^(?:${names.join('|')})\\..`]: {} } };
}

/** Every node that takes something of a node, also by way of others. */
function laterNodes(nodes: readonly KnownNode[]): ReadonlyMap<string, ReadonlySet<string>> {
  const takers = new Map<string, string[]>();
  for (const { name, sources } of nodes)
    for (const source of sources) takers.set(source, [...(takers.get(source) ?? []), name]);
  return new Map(
    nodes.map(({ name }) => {
      const later = new Set(takers.get(name));
      for (const one of later) for (const taker of takers.get(one) ?? []) later.add(taker);
      return [name, later];
    }),
  );
}

/** How a study names what comes from these nodes. */
function edgesFrom(names: readonly string[], { outputs }: KnownStudy): EdgesFrom {
  const found = new Set(names);
  return {
    nodes: names.filter((name) => !name.includes('/')),
    outputs: [...outputs].flatMap(([text, { node }]) => (found.has(node) ? [text] : [])),
  };
}

function nodes(base: JsonSchema, named: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { ...base, minProperties: 1, properties: named, additionalProperties: refTo('node') };
}

// The alias of the nodes built in is taken.
function plugins(base: JsonSchema): JsonSchema {
  const names = recordOf(base).propertyNames;
  return { ...base, propertyNames: { ...names, not: { const: builtInAlias } } };
}

// Relative, with "/" between names that every file system holds.
const outputPath = '^(?!.*(?:^|/)(?:/|$))(?!.*[. ](?:/|$))[^<>:"|?*\\\\\\p{Cc}]+$';

function outputs(base: JsonSchema): JsonSchema {
  return {
    ...base,
    propertyNames: { type: 'string', pattern: outputPath },
    additionalProperties: refTo('edge.output'),
  };
}
