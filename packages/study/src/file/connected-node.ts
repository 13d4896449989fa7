import type { Path } from '../text/located-text.ts';
import type { Place } from '../text/problems.ts';
import type { ArtifactKind } from './artifact-kinds.ts';
import type { WrittenNode } from './read-study.ts';

/** An input of a recipe that an edge comes by. */
export interface ThroughInput {
  readonly name: string;
  /** What it says that it takes. */
  readonly kind: ArtifactKind;
  /** Where the recipe connects it further: to a node, or to an input of another recipe. */
  readonly place: Place;
}

/** A node whose edges lead to nodes of the whole study, those of recipes among them. */
export interface ConnectedNode extends WrittenNode {
  /** What is not known of it: edges that lead nowhere, parameters that its recipe has not. */
  readonly holes: readonly Path[];
  /** The inputs of recipes that an edge comes by, the outermost first, by {@link edgeKey}. */
  readonly through: ReadonlyMap<string, readonly ThroughInput[]>;
}

/** What an edge of a node is known by: its port, and which of the port's edges it is. */
export function edgeKey(port: string, index: number): string {
  return `${index} ${port}`;
}

/** `prune` for `protocol/prune`: the name of a node where it is written. */
export function localName(node: string): string {
  return node.slice(node.lastIndexOf('/') + 1);
}
