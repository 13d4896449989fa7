import type { GraphBuilder, Value } from './graph-builder.ts';

/** How tokens attend to each other. */
export interface Attention {
  readonly tokens: number;
  readonly heads: number;
}

/**
 * softmax(q k' / sqrt(features of a head)) v over `[tokens, features]`, head by head, and a dense layer of what all heads give. Parameters are
 * called and shaped as those of PyTorch's `MultiheadAttention`: one kernel for queries, keys and values.
 *
 * Source: Vaswani et al. (2017), "Attention is all you need", https://arxiv.org/abs/1706.03762, section 3.2.
 */
export function selfAttention(graph: GraphBuilder, name: string, x: Value, { tokens, heads }: Attention): Value {
  const { features } = x;
  const each = features / heads;
  const projected = graph.dense(`${name}.in_proj`, x, 3 * features, {
    weight: `${name}.in_proj_weight`,
    bias: `${name}.in_proj_bias`,
  });
  const split = graph.reshape(`${name}.split`, projected, [tokens, 3, heads, each]);
  const byHead = graph.transpose(`${name}.by_head`, split, [1, 2, 0, 3], each);
  const part = (part: 'q' | 'k' | 'v', index: number): Value => {
    const layer = { kind: 'slice', axis: 0, start: index, end: index + 1 } as const;
    return graph.reshape(`${name}.${part}`, graph.add(`${name}.${part}_slice`, [byHead], layer, each), [
      heads,
      tokens,
      each,
    ]);
  };
  const [queries, keys, values] = [part('q', 0), part('k', 1), part('v', 2)];
  const scaled = graph.add(`${name}.q_scaled`, [queries], { kind: 'scale', factor: 1 / Math.sqrt(each) }, each);
  const products = graph.add(`${name}.scores`, [scaled, keys], { kind: 'matmul', transposesSecond: true }, tokens);
  const attention = graph.add(`${name}.attention`, [products], { kind: 'softmax' }, tokens);
  const mixed = graph.add(`${name}.mixed`, [attention, values], { kind: 'matmul', transposesSecond: false }, each);
  const byToken = graph.transpose(`${name}.by_token`, mixed, [1, 0, 2], each);
  return graph.dense(`${name}.out_proj`, graph.reshape(`${name}.joined`, byToken, [tokens, features]), features);
}
