import type { LayerInfo } from '@espalier/core';
import { affineRests } from './affine-rest.ts';
import { withGradient } from './backward.ts';
import { completeNodes } from './complete-nodes.ts';
import { imageMaps } from './image-axes.ts';
import { imagesName, type Network, type Shape } from './network.ts';
import { nonNegativeNodes } from './non-negative.ts';
import { readGrids } from './read-grids.ts';
import { type TokenGrid, tokenGrids } from './token-grids.ts';

/**
 * What can be asked for by name, in the order of the nodes: every value of images that is a map, a list of tokens or a list of features.
 * Tokens are the places of one row, with where they lie on the image.
 */
export function layerInfosOf(network: Network, shapes: ReadonlyMap<string, Shape>): readonly LayerInfo[] {
  const ofImages = withGradient(network.nodes, imagesName, false);
  const grids = tokenGrids(network, shapes);
  const read = readGrids(network, grids);
  const maps = imageMaps(network, shapes, grids);
  const complete = completeNodes(network);
  const affine = affineRests(network);
  const nonNegative = nonNegativeNodes(network);
  const stages = new Set(network.stages);
  return network.nodes
    .filter(({ name }) => ofImages.has(name) && name !== network.output && shapes.get(name)!.length <= 3)
    .map(({ name }) => ({
      ...sizeOfLayer(shapes.get(name)!),
      name,
      isStage: stages.has(name),
      isComplete: complete.has(name),
      ...(complete.has(name) && affine.has(name) && { hasAffineRest: true }),
      isMap: maps.has(name) || hasGrid(grids.get(name)),
      isNonNegative: nonNegative.has(name),
      ...(grids.has(name) && { grid: { ...grids.get(name)!, isRead: read.has(name) } }),
    }));
}

function hasGrid(grid: TokenGrid | undefined): boolean {
  return grid !== undefined && grid.height * grid.width > 1;
}

/** Height, width and features; what has fewer axes lies in one row or place. */
function sizeOfLayer(shape: Shape): Pick<LayerInfo, 'height' | 'width' | 'features'> {
  const [height, width, features] = [1, 1, ...shape].slice(-3) as [number, number, number]; // at most three axes
  return { height, width, features };
}
