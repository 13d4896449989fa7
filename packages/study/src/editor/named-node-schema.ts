import type { JsonSchema, NodeType } from '../nodes/node-types.ts';
import { type EdgesFrom, noEdgeTo } from './edge-schemas.ts';
import { allOf, anyOf, nothing, object, oneLabelOf, oneOf, refTo, when } from './json-schema.ts';
import type { KnownAxes, KnownNode } from './known-study.ts';
import { connectionsTo, someOptions } from './node-schema.ts';
import { requiredOptions } from './option-schemas.ts';
import { isReference } from './references.ts';
import { fields, part } from './unchecked.ts';

/**
 * What a node says, given the rest of the study: its axes, the plugins that they choose, and what comes after it.
 *
 * @param later the node, and every one that takes something of it, also by way of others
 * @param valuesOn what the values on its own axes must fit
 */
export function namedNodeSchema(
  known: KnownNode,
  { later, valuesOn }: { readonly later: EdgesFrom; readonly valuesOn: ReadonlyMap<string, JsonSchema> },
): JsonSchema {
  const { axes } = known;
  return {
    type: 'object',
    allOf: [
      refTo('node'),
      object({ in: { type: 'object', additionalProperties: noEdgeTo(later) } }),
      ...(axes ? [withAxes(known, axes)] : []),
      ...inheritedAxes(known),
      ...(known.chosenBy === undefined ? [] : [chosen(known, known.chosenBy)]),
      ...ownValues(known, valuesOn),
      ...rows(known),
    ],
  };
}

/** Definition of what options may say of axes, by the node: `node.prune/axes`. */
export function axesDefinition({ name, axes }: KnownNode): JsonSchema {
  const self = refTo(axesName(name));
  return {
    if: object({ $axis: { type: 'string' } }, { required: ['$axis'] }),
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: object({ $axis: oneOf(axes?.keys() ?? []) }),
    else: anyOf([
      { type: 'object', additionalProperties: self },
      { type: 'array', items: self },
      { not: anyOf([{ type: 'object' }, { type: 'array' }]) },
    ]),
  };
}

export function axesName(node: string): string {
  return `node.${node}/axes`;
}

function withAxes({ name }: KnownNode, axes: KnownAxes): JsonSchema {
  const options = refTo(axesName(name));
  const value = when({ type: 'object' }, object({ with: options }));
  const values = when({ type: 'array' }, { type: 'array', items: value });
  return object({
    use: when({ type: 'object' }, object({ $axis: oneOf(axes.keys()) })),
    with: options,
    matrix: { type: 'object', additionalProperties: values },
  });
}

/** Axes that come with the inputs can be gathered where they are taken by ports that take many, and cannot be made again. */
function inheritedAxes({ inherited, types, node }: KnownNode): readonly JsonSchema[] {
  if (!inherited) return [];
  const staying = [...inherited.all.keys()].filter((axis) => !inherited.gathered.has(axis));
  const notAgain = Object.fromEntries(staying.map((axis) => [axis, nothing]));
  const inMatrix = [...fields(part(node, 'matrix')).keys()].filter((axis) => axis !== 'include' && axis !== 'exclude');
  return [
    object({
      gather: { type: 'array', items: oneOf([...inherited.all.keys()].filter((axis) => !inherited.single.has(axis))) },
      baseline: object({ axis: oneOf(inherited.all.keys()) }),
      matrix: object(notAgain),
      ...(staying.length > 0 && { scan: object({ axis: { not: oneOf(staying) } }) }),
    }),
    ...inMatrix.map((axis) =>
      when(
        object({ matrix: object({ [axis]: {} }, { required: [axis] }) }, { required: ['matrix'] }),
        object({ scan: object({ axis: { not: { const: axis } } }) }),
      ),
    ),
    ...(types.some(({ kind }) => kind.takesBaseline) ? baselineLabels(inherited.all) : []),
  ];
}

function baselineLabels(axes: KnownAxes): readonly JsonSchema[] {
  return [...axes].map(([axis, labels]) =>
    object({
      baseline: when(
        object({ axis: { const: axis } }, { required: ['axis'] }),
        object({ at: anyOf([oneLabelOf(labels), refTo('param')]) }),
      ),
    }),
  );
}

/** A node whose plugin is chosen on an axis: all that may be chosen takes its connections and its options. */
function chosen({ types, own, isKnown }: KnownNode, axis: string): JsonSchema {
  const each = types.flatMap((type) => [
    connectionsTo(type.use),
    object({ with: someOptions(type.use) }),
    ...requiredOptions(type).map((option) => givenSomewhere(option, type, axis)),
  ]);
  const values = when({ type: 'array' }, { type: 'array', items: refTo('chooser') });
  const choosers = own.has(axis) ? [object({ matrix: object({ [axis]: values }), scan: scanOn(axis, values) })] : [];
  const all = [...(isKnown || types.length > 0 ? each : []), ...choosers];
  return when(object({ use: { type: 'object' } }, { required: ['use'] }), {
    type: 'object',
    allOf: all.length > 0 ? all : [{ type: 'object' }],
  });
}

function scanOn(axis: string, values: JsonSchema): JsonSchema {
  return when(object({ axis: { const: axis } }, { required: ['axis'] }), object({ over: values }));
}

/** What a node's `with` leaves out, the rows that choose the type say. */
function givenSomewhere(option: string, { use }: NodeType, axis: string): JsonSchema {
  const given = anyOf([isReference, object({ [option]: {} }, { required: [option] })]);
  const has = object({ with: given }, { required: ['with'] });
  const names = object({ use: { const: use } }, { required: ['use'] });
  const row = allOf([{ not: { const: use } }, when(names, has)]);
  const rowsOf = when({ type: 'array' }, { type: 'array', items: row });
  return when({ type: 'object', not: has }, object({ matrix: object({ [axis]: rowsOf }) }));
}

function ownValues(_: KnownNode, valuesOn: ReadonlyMap<string, JsonSchema>): readonly JsonSchema[] {
  return [...valuesOn].map(([axis, values]) =>
    object({ matrix: object({ [axis]: values }), scan: scanOn(axis, values) }),
  );
}

/** Rows of `include` name every axis of the matrix, rows of `exclude` some. */
function rows({ node, listed, chosenBy }: KnownNode): readonly JsonSchema[] {
  const matrix = part(node, 'matrix');
  const axes = [...fields(matrix).keys()].filter((axis) => axis !== 'include' && axis !== 'exclude');
  if (axes.length === 0) return [];
  const labelled = (label: (axis: string) => JsonSchema, required: readonly string[]): JsonSchema => ({
    type: 'array',
    items: object(Object.fromEntries(axes.map((axis) => [axis, label(axis)])), { required, closed: true }),
  });
  const included = (axis: string): JsonSchema =>
    axis === chosenBy ? anyOf([oneLabelOf(listed.get(axis) ?? []), refTo('use')]) : {};
  const include = labelled((axis) => included(axis), axes);
  const exclude = labelled((axis) => oneLabelOf(listed.get(axis) ?? []), []);
  const rowsOrParam = (list: JsonSchema): JsonSchema => anyOf([refTo('param'), list]);
  return [object({ matrix: object({ include: rowsOrParam(include), exclude: rowsOrParam(exclude) }) })];
}
