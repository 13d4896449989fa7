import { type ArtifactKind, artifactKinds } from '../file/artifact-kinds.ts';
import { localName } from '../file/connected-node.ts';
import type { JsonSchema } from '../nodes/node-types.ts';
import { anyOf, object, oneLabelOf, oneOf, portOf, refTo, when } from './json-schema.ts';
import { type KnownNode, type KnownStudy, ownNodes } from './known-study.ts';

const anyPort: JsonSchema = { type: 'string', pattern: '^[^.]+\\..' };

const fromText = 'node and port that this comes from, for example data.train';

/** What edges of a study, or of any, may say: `edge.model` takes a model, `edges.model` also a list of one, `edges.model/many` any list. */
export function edgeDefinitions(known: KnownStudy | undefined): Readonly<Record<string, JsonSchema>> {
  const definitions: Record<string, JsonSchema> = { 'edge.labels': known ? labelsOfEdges(known) : { type: 'object' } };
  for (const kind of artifactKinds) {
    definitions[`edge.${kind}`] = edge(known ? from(known, (node) => portsOf(node, kind)) : anyPort);
    definitions[`edges.${kind}`] = edges(kind, { maxItems: 1 });
    definitions[`edges.${kind}/many`] = edges(kind, {});
  }
  const names = known && [...ownNodes(known).map(({ name }) => name), ...known.includes];
  definitions['edge.whole'] = object(
    { $from: names ? oneOf(names) : { type: 'string' } },
    { required: ['$from'], closed: true },
  );
  definitions['edge.output'] = edge(known ? from(known, outputsOf) : anyPort);
  return definitions;
}

/** What an input port may be connected to. */
export function edgesTo({ kind, many }: { readonly kind: ArtifactKind; readonly many?: boolean }): JsonSchema {
  return refTo(many ? `edges.${kind}/many` : `edges.${kind}`);
}

/** Some edges, by where they come from. */
export interface EdgesFrom {
  readonly nodes: readonly string[];
  /** `protocol.attributions` */
  readonly outputs: readonly string[];
}

/** Connections of any form that come from none of these. */
export function noEdgeTo({ nodes, outputs }: EdgesFrom): JsonSchema {
  const some = anyOf([portOf(nodes), ...(outputs.length > 0 ? [oneOf(outputs)] : [])]);
  const one = object({ $from: { not: some } });
  return anyOf([one, { type: 'array', items: one }]);
}

function edges(kind: ArtifactKind, bounds: JsonSchema): JsonSchema {
  const one = refTo(`edge.${kind}`);
  return {
    description: 'an edge, or a list of edges',
    anyOf: [one, { type: 'array', items: one, minItems: 1, ...bounds }],
  };
}

function edge(source: JsonSchema): JsonSchema {
  const $from = { description: fromText, ...source };
  const at = {
    description: 'takes only the instances at these labels: { "arm": "magnitude", "sparsity": [0, 0.7] }',
    type: 'object',
  };
  return {
    description: 'an edge: { "$from": "data.train" }',
    ...object({ $from, at }, { required: ['$from'], closed: true }),
    allOf: [refTo('edge.labels')],
  };
}

/** The ports that `portsOfNode` names; any port of a node whose type is not known. */
function from(known: KnownStudy, portsOfNode: (node: KnownNode) => readonly string[] | undefined): JsonSchema {
  const portsAt = (node: KnownNode) => (node.isKnown ? portsOfNode(node) : undefined);
  const found = ownNodes(known).map((node) => ({ name: node.name, ports: portsAt(node) }));
  const named = found.flatMap(({ name, ports = [] }) => ports.map((port) => `${name}.${port}`));
  const outputs = [...known.outputs].flatMap(([text, { node, port }]) => {
    const ports = portsAt(known.nodes.get(node)!);
    return ports === undefined || ports.includes(port) ? [text] : [];
  });
  const all = [...named, ...outputs];
  const open = found.filter(({ ports }) => ports === undefined).map(({ name }) => name);
  return anyOf([...(all.length > 0 ? [oneOf(all)] : []), ...(open.length > 0 ? [portOf(open)] : [])]);
}

function portsOf({ types }: KnownNode, kind: ArtifactKind): readonly string[] {
  const [first, ...others] = types;
  return Object.keys(first!.kind.outputs).filter((port) =>
    [first!, ...others].every(({ kind: { outputs } }) => outputs[port] === kind),
  );
}

/** What `outputs` may name of a node: its ports, and the files that it says it writes; undefined where it says none. */
function outputsOf({ name, types }: KnownNode): readonly string[] | undefined {
  const { kind, plugin } = types[0]!;
  const [ports, local] = [Object.keys(kind.outputs), localName(name)];
  if (!ports.some((port) => kind.outputs[port] === 'files')) return ports;
  const files = plugin?.files?.filter((file) => !file.endsWith('/'));
  return (
    files && [
      ...ports,
      ...files.flatMap((file) => (file.startsWith(`${local}.`) ? [file, file.slice(local.length + 1)] : [file])),
    ]
  );
}

/** Axes and labels that edges may choose, by what they start from. */
function labelsOfEdges(known: KnownStudy): JsonSchema {
  const own = ownNodes(known).map(({ name, axes }) => ({ source: portOf([name]), axes }));
  const outputs = [...known.outputs].map(([text, { node }]) => ({
    source: oneOf([text]),
    axes: known.nodes.get(node)?.axes,
  }));
  const all = [...own, ...outputs].flatMap(({ source, axes }) => (axes ? [{ source, axes }] : []));
  if (all.length === 0) return { type: 'object' };
  return {
    type: 'object',
    allOf: all.map(({ source, axes }) => {
      const properties = Object.fromEntries([...axes].map(([axis, labels]) => [axis, labelSchema(labels)]));
      const at = object(properties, { closed: true });
      return when(object({ $from: source }, { required: ['$from'] }), object({ at }));
    }),
  };
}

function labelSchema(labels: ReadonlySet<string | number>): JsonSchema {
  const one = oneLabelOf(labels);
  return anyOf([one, refTo('param'), { type: 'array', items: one, minItems: 1 }]);
}
