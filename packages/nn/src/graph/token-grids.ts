import type { LayerInfo } from '@espalier/core';
import { withGradient } from './backward.ts';
import { imagesName, type Network, type Node, type Shape } from './network.ts';

/** How the tokens of a value lie on the image. */
export type TokenGrid = Omit<NonNullable<LayerInfo['grid']>, 'isRead'>;

/**
 * For each value that is a list of tokens `[tokens, features]` cut from a map, where the tokens lie: a vision transformer reshapes its patches
 * from `[height, width, features]`, and may put a class token before them.
 */
export function tokenGrids({ nodes }: Network, shapes: ReadonlyMap<string, Shape>): ReadonlyMap<string, TokenGrid> {
  const grids = new Map<string, TokenGrid>();
  // A class token is reshaped like patches are, and lies nowhere.
  const ofImages = withGradient(nodes, imagesName, false);
  for (const node of nodes) {
    if (!ofImages.has(node.name)) continue;
    const grid = gridOf(node, shapes, grids);
    if (grid) grids.set(node.name, grid);
  }
  return grids;
}

function gridOf(
  { name, inputs, layer }: Node,
  shapes: ReadonlyMap<string, Shape>,
  grids: ReadonlyMap<string, TokenGrid>,
): TokenGrid | undefined {
  const shape = shapes.get(name)!;
  const from = inputs.map((input) => shapes.get(input)!);
  if (layer.kind === 'reshape') return reshapedGrid(from[0]!, shape);
  if (layer.kind === 'concat') return layer.axis === 0 ? withLeading(inputs, from, grids) : undefined;
  const found = inputs.map((input) => grids.get(input)).find((grid) => grid && tokensOf(grid) === shape[0]);
  return shape.length === 2 && inputs[0] !== imagesName ? found : undefined;
}

/** `[height, width, features]` to `[height * width, features]`. */
function reshapedGrid(from: Shape, to: Shape): TokenGrid | undefined {
  const [height, width, features] = from;
  if (from.length !== 3 || to.length !== 2 || to[1] !== features || to[0] !== height! * width!) return undefined;
  return { height: height!, width: width!, leading: 0 };
}

/** Class and register tokens come first, and have no place. */
function withLeading(
  inputs: readonly string[],
  shapes: readonly Shape[],
  grids: ReadonlyMap<string, TokenGrid>,
): TokenGrid | undefined {
  const grid = grids.get(inputs.at(-1)!);
  if (!grid || inputs.slice(0, -1).some((input) => grids.has(input))) return undefined;
  return { ...grid, leading: shapes.slice(0, -1).reduce((sum, [tokens]) => sum + tokens!, grid.leading) };
}

function tokensOf({ height, width, leading }: TokenGrid): number {
  return leading + height * width;
}
