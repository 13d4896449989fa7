import type { ConnectedNode } from '../file/connected-node.ts';
import { parseEdge } from '../file/edge-text.ts';
import type { IncludedStudy } from '../recipes/included-study.ts';
import type { RecipeInput, RecipeParam } from '../recipes/recipe-schema.ts';
import { paramName } from '../recipes/recipe-values.ts';
import { outputEdges, resolveEdge } from '../recipes/resolve-edge.ts';

/** A study that somebody is writing, which may have mistakes: what its schema rests on. */
export interface EditedStudy {
  /** As it is written. */
  readonly value: unknown;
  /** The values of its recipes' parameters: `protocol.levels`. */
  readonly given: ReadonlyMap<string, unknown>;
  /** Its nodes and those of its recipes, as {@link ConnectedNode}s say it. */
  readonly nodes: ReadonlyMap<string, unknown>;
  /** What its edges may name of its recipes, `protocol.attributions`: the node and port that it is. */
  readonly outputs: ReadonlyMap<string, { readonly node: string; readonly port: string }>;
  /** What its includes may say, by name. */
  readonly includes: ReadonlyMap<string, IncludeOutline>;
}

/** What an include may say. */
export interface IncludeOutline {
  readonly inputs: ReadonlyMap<string, RecipeInput>;
  /** By name in the recipe. */
  readonly params: ReadonlyMap<string, KnownParam>;
}

/** A parameter of a recipe: what it is called in the whole study, and what the recipe says of it. */
export interface KnownParam {
  readonly name: string;
  readonly param: RecipeParam;
}

/** What is needed of a study to edit it. */
export type StudyToEdit = Pick<IncludedStudy, 'texts' | 'nodes' | 'scope' | 'given'>;

/** What a schema rests on of a study, whose mistakes leave things unknown. */
export function editedStudy({ texts, nodes, scope, given }: StudyToEdit): EditedStudy {
  const outputs = new Map<string, { readonly node: string; readonly port: string }>();
  const includes = new Map<string, IncludeOutline>();
  for (const [name, inner] of scope.inner) {
    if (!inner?.given) continue;
    const { parts } = inner.given.found.recipe;
    includes.set(name, {
      inputs: new Map(Object.entries(parts.inputs ?? {})),
      params: new Map(
        Object.entries(parts.params ?? {}).map(([key, param]) => [key, { name: paramName(name, key), param }]),
      ),
    });
    for (const output of Object.keys(parts.outputs ?? {})) {
      const [edge] = resolveEdge(outputEdges(output, inner)![0]!, inner, () => {}) ?? [];
      const found = edge && parseEdge(edge.from);
      if (found) outputs.set(`${name}.${output}`, found);
    }
  }
  return {
    value: texts.study.value,
    given: new Map([...given].map(([key, { placed }]) => [key, placed.value])),
    nodes: new Map([...nodes].map(([name, node]) => [name, withHoles(node)])),
    outputs,
    includes,
  };
}

/** A node with an edge that leads nowhere for each that is not known, so that nothing is said of what it would bring. */
function withHoles({ value, holes }: ConnectedNode): unknown {
  const open = holes.flatMap(([part, port]) => (part === 'in' && port !== undefined ? [[port, { $from: '' }]] : []));
  if (open.length === 0 || typeof value !== 'object' || value === null) return value;
  return { ...value, in: { ...('in' in value && (value.in as object)), ...Object.fromEntries(open) } }; // ports, as it has edges
}
