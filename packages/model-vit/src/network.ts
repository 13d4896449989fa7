import type { Network } from '@espalier/nn';
import { GraphBuilder, type MadeFor, selfAttention, type Value } from '@espalier/nn/architectures';

/** How large a transformer is. */
export interface VitSize {
  /** Rows and columns of a patch, in pixels. */
  readonly patch: number;
  /** Blocks of attention and dense layers. */
  readonly blocks: number;
  readonly heads: number;
  /** Features of a token. */
  readonly features: number;
  /** Features between the two dense layers of a block. */
  readonly hidden: number;
}

/** Base and small of the paper and of DeiT, and a mini one for tests and tries. */
export const vitSizes = {
  'vit-b-16': { patch: 16, blocks: 12, heads: 12, features: 768, hidden: 3072 },
  'vit-s-16': { patch: 16, blocks: 12, heads: 6, features: 384, hidden: 1536 },
  'vit-mini-8': { patch: 8, blocks: 2, heads: 3, features: 48, hidden: 96 },
} as const satisfies Readonly<Record<string, VitSize>>;

/** Which of the sizes. */
export type VitName = keyof typeof vitSizes;

/** Added to variances. */
const epsilon = 1e-6;

/** A vision transformer with torchvision's names: Dosovitskiy et al. (2021), "An image is worth 16x16 words", figure 1. */
export function vit(name: VitName, { height, width, classes }: MadeFor): Network {
  const size = vitSizes[name];
  const graph = new GraphBuilder();
  const tokens = 1 + (height / size.patch) * (width / size.patch);
  let x = embedded(graph, size, tokens);
  const stages: string[] = [];
  for (let i = 0; i < size.blocks; i++) {
    x = block(graph, `encoder.layers.encoder_layer_${i}`, x, size, tokens);
    stages.push(x.name);
  }
  const normalised = graph.layerNorm('encoder.ln', x, epsilon);
  const first = graph.add('class_slice', [normalised], { kind: 'slice', axis: 0, start: 0, end: 1 }, size.features);
  const logits = graph.dense('heads.head', graph.reshape('class', first, [size.features]), classes);
  return graph.network(name, logits, stages);
}

/** The class token and the patches, each with its position. */
function embedded(graph: GraphBuilder, { patch, features }: VitSize, tokens: number): Value {
  const classToken = graph.parameter('class_token', [1, 1, features], 'embedding');
  const map = graph.convolution('conv_proj', graph.images, features, { kernel: patch, stride: patch, bias: true });
  const patches = graph.reshape('patches', map, [tokens - 1, features]);
  const first = graph.reshape('class_token_row', classToken, [1, features]);
  const all = graph.add('tokens', [first, patches], { kind: 'concat', axis: 0 }, features);
  const positions = graph.parameter('encoder.pos_embedding', [1, tokens, features], 'embedding');
  return graph.sum('encoder', all, graph.reshape('encoder.pos_embedding_rows', positions, [tokens, features]));
}

function block(
  graph: GraphBuilder,
  name: string,
  x: Value,
  { heads, hidden, features }: VitSize,
  tokens: number,
): Value {
  const attended = selfAttention(graph, `${name}.self_attention`, graph.layerNorm(`${name}.ln_1`, x, epsilon), {
    tokens,
    heads,
  });
  const sum = graph.sum(`${name}.attended`, attended, x);
  const wide = graph.dense(`${name}.mlp.0`, graph.layerNorm(`${name}.ln_2`, sum, epsilon), hidden);
  const bent = graph.activation(`${name}.mlp.1`, wide, { kind: 'gelu', approximation: 'none' });
  return graph.sum(name, sum, graph.dense(`${name}.mlp.3`, bent, features));
}
