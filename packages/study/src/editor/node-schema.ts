import { type JsonSchema, type NodeType, recordOf } from '../nodes/node-types.ts';
import { edgesTo } from './edge-schemas.ts';
import { anyOf, nothing, object, oneOf, portOf, refTo, when } from './json-schema.ts';
import { definitionName, requiredOptions } from './option-schemas.ts';
import { orReference } from './references.ts';

export interface Uses {
  readonly types: ReadonlyMap<string, NodeType>;
  /** Aliases whose package could not be loaded: what they have is not known. */
  readonly failed: ReadonlySet<string>;
}

/** Definitions of a node of any type: `node`, what its `use` may be, and the values of its axes. */
export function nodeDefinitions(base: JsonSchema, uses: Uses): Readonly<Record<string, JsonSchema>> {
  const types = [...uses.types.values()];
  return {
    use: anyOf([oneOf(uses.types.keys()), ...(uses.failed.size > 0 ? [portOf([...uses.failed], '/')] : [])]),
    axisValue: axisValue(base, types),
    axisValues: {
      ...axisValuesOf(base),
      anyOf: [refTo('param'), { type: 'array', items: refTo('axisValue'), minItems: 1 }],
    },
    chooser: anyOf([refTo('use'), object({ use: refTo('use') }, { required: ['use'] }), refTo('param')]),
    node: node(base, uses),
    ...Object.fromEntries(types.map((type) => [`${definitionName(type.use)}/connections`, connectionsOf(type)])),
  };
}

const anyLabel = anyOf([{ type: 'string' }, { type: 'number' }, refTo('param')]);

function node(base: JsonSchema, { types }: Uses): JsonSchema {
  const properties = recordOf(base.properties);
  const axis = object({ $axis: { type: 'string' } }, { required: ['$axis'], closed: true });
  return {
    ...base,
    properties: {
      ...properties,
      use: { description: properties.use!.description, anyOf: [refTo('use'), axis] },
      in: { ...properties.in, additionalProperties: true },
      matrix: { ...properties.matrix, additionalProperties: refTo('axisValues') },
      scan: withProperties(properties.scan!, { over: refTo('axisValues') }),
      baseline: withProperties(properties.baseline!, { at: anyLabel }),
      beside: withProperties(properties.beside!, { at: { type: 'object', additionalProperties: anyLabel } }),
    },
    allOf: [...types.values()].map((type) =>
      when(object({ use: { const: type.use } }, { required: ['use'] }), ofType(type)),
    ),
  };
}

/** What a node of one type says. */
function ofType(type: NodeType): JsonSchema {
  const options = object(
    { with: orReference(refTo(definitionName(type.use))) },
    requiredWhere('with', requiredOptions(type)),
  );
  return { type: 'object', allOf: [connectionsTo(type.use), options] };
}

/** What a node says of its connections, if it may be of this type. */
export function connectionsTo(use: string): JsonSchema {
  return refTo(`${definitionName(use)}/connections`);
}

function connectionsOf({ inputs, kind }: NodeType): JsonSchema {
  const ports = Object.entries(inputs);
  const connected = Object.fromEntries(ports.map(([port, input]) => [port, edgesTo(input)]));
  const required = ports.filter(([, { optional }]) => !optional).map(([port]) => port);
  const carry = {
    type: 'object',
    propertyNames: oneOf(Object.keys(inputs)),
    additionalProperties: oneOf(Object.keys(kind.outputs)),
  };
  return object(
    {
      in: object(connected, { required, closed: true }),
      scan: object({ carry }),
      ...(!kind.takesBaseline && { baseline: nothing }),
      ...(!ports.some(([, { many }]) => many) && { gather: { type: 'array', maxItems: 0 } }),
    },
    requiredWhere('in', required),
  );
}

function requiredWhere(key: string, needed: readonly string[]): { readonly required: readonly string[] } {
  return { required: needed.length > 0 ? [key] : [] };
}

/** A value of an axis; one that chooses a plugin has options of that plugin. */
function axisValue(base: JsonSchema, types: readonly NodeType[]): JsonSchema {
  const forms = axisValuesOf(base).anyOf as readonly JsonSchema[]; // `axisValues` of the study's shape: a parameter, or a list
  const item = forms.find(({ type }) => type === 'array')!.items as JsonSchema;
  const branches = (item.anyOf as readonly JsonSchema[]).map((branch) => {
    const properties = recordOf(branch.properties);
    if ('$param' in properties) return refTo('param');
    return 'use' in properties ? chosenValue(branch, types) : branch;
  });
  return { ...item, anyOf: branches };
}

function chosenValue(branch: JsonSchema, types: readonly NodeType[]): JsonSchema {
  const changed = withProperties(branch, { use: refTo('use') });
  const choices = types.map(({ use }) =>
    when(object({ use: { const: use } }, { required: ['use'] }), object({ with: someOptions(use) })),
  );
  return { ...changed, allOf: choices };
}

/** Options of a type, of which none must be there. */
export function someOptions(use: string): JsonSchema {
  return orReference(refTo(`${definitionName(use)}/some`));
}

function axisValuesOf(node: JsonSchema): JsonSchema {
  return recordOf(node.properties).matrix!.additionalProperties as JsonSchema; // the matrix's axes
}

/** `schema` with `changes` to its properties, whose descriptions stay. */
export function withProperties(schema: JsonSchema, changes: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const properties = recordOf(schema.properties);
  const changed = Object.entries(changes).map(([key, change]) => {
    const description = properties[key]?.description;
    return [key, { ...(description !== undefined && { description }), ...change }] as const;
  });
  return { ...schema, properties: { ...properties, ...Object.fromEntries(changed) } };
}
