import { StudyError } from '@espalier/core';
import { kindOf } from './kinds.ts';
import { imagesName, type Network, type Shape } from './network.ts';

/** What the images of a network are. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * The shape of every value for one image, by node; `images` among them.
 *
 * @throws StudyError `nn/shape`, naming the node whose inputs do not fit, or that reads a value that no earlier node gives
 */
export function shapesOf(
  { nodes, architecture }: Pick<Network, 'nodes' | 'architecture'>,
  { height, width, channels }: ImageSize,
): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>([[imagesName, [height, width, channels]]]);
  for (const { name, inputs, layer } of nodes) {
    const missing = inputs.find((input) => !shapes.has(input));
    if (missing !== undefined || shapes.has(name)) {
      const text =
        missing === undefined ? 'has the name of an earlier one' : `reads "${missing}", which comes later or never`;
      throw new StudyError(
        'nn/shape',
        `The network ${architecture} is no graph in topological order: "${name}" ${text}.`,
      );
    }
    shapes.set(
      name,
      shapeOf(architecture, name, () =>
        kindOf(layer).shape(
          layer,
          inputs.map((input) => shapes.get(input)!),
        ),
      ),
    );
  }
  return shapes;
}

function shapeOf(architecture: string, name: string, compute: () => Shape): Shape {
  try {
    return compute();
  } catch (cause) {
    if (!StudyError.is(cause)) throw cause;
    throw new StudyError(cause.code, `In the network ${architecture}, at "${name}": ${cause.message}`, { cause });
  }
}
