import type { Layer } from '../layers/layer.ts';

export type { Shape } from '../layers/shape.ts';

/** What `inputs` call the normalised images: `[height, width, channels]`. */
export const imagesName = 'images';

/** One step of a network: a layer, and where its inputs come from. */
export interface Node<Kind extends Layer = Layer> {
  /** Unique in the network; activations are asked for by it. */
  readonly name: string;
  /** Names of earlier nodes, or `images`. */
  readonly inputs: readonly string[];
  readonly layer: Kind;
}

/** A classifier as data: a graph of layers. */
export interface Network {
  /** For example `resnet18`. */
  readonly architecture: string;
  /** In topological order: every input is an earlier node or the images. */
  readonly nodes: readonly Node[];
  /** The node whose value, `[classes]`, are the logits. */
  readonly output: string;
  /** The nodes that methods take by default, in order: the ends of a network's main parts, of which the rest is a function alone. */
  readonly stages: readonly string[];
}
