import type { ArtifactKind } from '../nodes/node-kind.ts';
import type { JsonSchema } from '../nodes/node-types.ts';
import { anyOf, object, oneLabelOf, oneOf, portOf, refTo, when } from './json-schema.ts';
import type { KnownNode, KnownStudy } from './known-study.ts';

const kinds: readonly ArtifactKind[] = ['split', 'model', 'attributions', 'explainer', 'concepts', 'scores', 'files'];

const anyPort: JsonSchema = { type: 'string', pattern: '^[^.]+\\..' };

const fromText = 'node and port that this comes from, for example data.train';

/** What edges of a study, or of any, may say: `edge.model` takes a model, `edges.model` also a list of one, `edges.model/many` any list. */
export function edgeDefinitions(known: KnownStudy | undefined): Readonly<Record<string, JsonSchema>> {
  const all = known && [...known.nodes.values()];
  const definitions: Record<string, JsonSchema> = { 'edge.labels': labelsOfEdges(all ?? []) };
  for (const kind of kinds) {
    definitions[`edge.${kind}`] = edge(all ? from(all, (node) => portsOf(node, kind)) : anyPort);
    definitions[`edges.${kind}`] = edges(kind, { maxItems: 1 });
    definitions[`edges.${kind}/many`] = edges(kind, {});
  }
  definitions['edge.output'] = edge(all ? from(all, outputsOf) : anyPort);
  return definitions;
}

/** What an input port may be connected to. */
export function edgesTo({ kind, many }: { readonly kind: ArtifactKind; readonly many?: boolean }): JsonSchema {
  return refTo(many ? `edges.${kind}/many` : `edges.${kind}`);
}

/** Connections of any form that lead to none of these nodes. */
export function noEdgeTo(names: readonly string[]): JsonSchema {
  const one = object({ $from: { not: portOf(names) } });
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

/** The ports that `portsOf` names; any port of a node whose type is not known. */
function from(
  nodes: readonly KnownNode[],
  portsOfNode: (node: KnownNode) => readonly string[] | undefined,
): JsonSchema {
  const found = nodes.map((node) => ({ name: node.name, ports: node.isKnown ? portsOfNode(node) : undefined }));
  const named = found.flatMap(({ name, ports = [] }) => ports.map((port) => `${name}.${port}`));
  const open = found.filter(({ ports }) => ports === undefined).map(({ name }) => name);
  return anyOf([...(named.length > 0 ? [oneOf(named)] : []), ...(open.length > 0 ? [portOf(open)] : [])]);
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
  const ports = Object.keys(kind.outputs);
  if (!ports.some((port) => kind.outputs[port] === 'files')) return ports;
  const files = plugin?.files;
  return (
    files && [
      ...ports,
      ...files.flatMap((file) => (file.startsWith(`${name}.`) ? [file, file.slice(name.length + 1)] : [file])),
    ]
  );
}

/** Axes and labels that edges may choose, by the node that they start from. */
function labelsOfEdges(nodes: readonly KnownNode[]): JsonSchema {
  const known = nodes.flatMap(({ name, axes }) => (axes ? [{ name, axes }] : []));
  if (known.length === 0) return { type: 'object' };
  return {
    type: 'object',
    allOf: known.map(({ name, axes }) => {
      const label = (labels: ReadonlySet<string | number>): JsonSchema => {
        const one = oneLabelOf(labels);
        return anyOf([one, refTo('param'), { type: 'array', items: one, minItems: 1 }]);
      };
      const properties = Object.fromEntries([...axes].map(([axis, labels]) => [axis, label(labels)]));
      const at = object(properties, { closed: true });
      return when(object({ $from: portOf([name]) }, { required: ['$from'] }), object({ at }));
    }),
  };
}
