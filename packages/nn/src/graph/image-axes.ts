import { imagesName, type Network, type Node, type Shape } from './network.ts';
import type { TokenGrid } from './token-grids.ts';

/** Which axes of a value are rows and columns of the image. */
type Axes = readonly [rows: number, columns: number];

/**
 * The maps `[height, width, features]` whose rows and columns lie on the image as its own do, at more than one place. What heads of attention,
 * windows or single places are in such axes is none.
 */
export function imageMaps(
  { nodes }: Network,
  shapes: ReadonlyMap<string, Shape>,
  grids: ReadonlyMap<string, TokenGrid>,
): ReadonlySet<string> {
  const axes = new Map<string, Axes>([[imagesName, [0, 1]]]);
  for (const node of nodes) {
    const found = axesOf(node, { axes, shapes, grids });
    if (found) axes.set(node.name, found);
  }
  const isMap = (name: string, [rows, columns]: Axes) => {
    const shape = shapes.get(name)!;
    return shape.length === 3 && rows === 0 && columns === 1 && shape[0]! * shape[1]! > 1;
  };
  return new Set([...axes].filter(([name, found]) => isMap(name, found)).map(([name]) => name));
}

interface Known {
  readonly axes: ReadonlyMap<string, Axes>;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly grids: ReadonlyMap<string, TokenGrid>;
}

function axesOf({ name, inputs, layer }: Node, { axes, shapes, grids }: Known): Axes | undefined {
  const [own, from] = [axes.get(inputs[0]!), inputs.map((input) => shapes.get(input)!)];
  const shape = shapes.get(name)!;
  switch (layer.kind) {
    case 'add':
    case 'multiply':
      return inputs.map((input) => axes.get(input)).find((found, i) => found && from[i]!.join() === shape.join());
    case 'convolution':
    case 'max-pool':
    case 'average-pool':
      return own?.join() === '0,1' ? own : undefined;
    case 'concat':
      return inputs.every((input) => axes.get(input)?.join() === own?.join()) ? besides(own, [layer.axis]) : undefined;
    case 'slice':
      return besides(own, [layer.axis]);
    case 'gather':
      return isStride(layer.indices, from[0]![layer.axis]!) ? own : besides(own, [layer.axis]);
    case 'mean':
      return layer.keepsAxes ? besides(own, layer.axes) : undefined;
    case 'dense':
      return besides(own, [shape.length - 1]);
    case 'transpose':
      return own && [layer.permutation.indexOf(own[0]), layer.permutation.indexOf(own[1])];
    case 'reshape':
      return reshaped(own, from[0]!, shape, grids.get(inputs[0]!));
    case 'matmul':
    case 'parameter':
    case 'constant':
      return undefined;
    default:
      return own; // one value, or the values of one place, at a time
  }
}

function besides(own: Axes | undefined, touched: readonly number[]): Axes | undefined {
  return own?.some((axis) => touched.includes(axis)) ? undefined : own;
}

/** Every other row, for example, from the first to the last. */
function isStride(indices: readonly number[], length: number): boolean {
  const step = Math.ceil(length / indices.length);
  return indices.length > 1 && indices[0]! < step && indices.every((index, i) => index === indices[0]! + i * step);
}

/** Rows and columns stay where they are first or last and nothing else becomes part of them; tokens become a map again. */
function reshaped(own: Axes | undefined, from: Shape, to: Shape, grid: TokenGrid | undefined): Axes | undefined {
  if (grid && grid.leading === 0 && to.length === 3 && to[0] === grid.height && to[1] === grid.width) return [0, 1];
  if (!own) return undefined;
  const isSame = (axes: Axes) => axes.every((axis, i) => to[axis] === from[own[i]!]);
  if (own.join() === '0,1' && isSame(own)) return own;
  const last: Axes = [to.length - 2, to.length - 1];
  const isLast = own[0] === from.length - 2 && own[1] === from.length - 1;
  return isLast && isSame(last) ? last : undefined;
}
