import { basename } from 'node:path';
import { StudyError } from '@espalier/core';
import type { Network } from '@espalier/nn';
import { headOf, withClasses } from '@espalier/nn/architectures';
import { exporterLine, unsupported } from '../decode/model-error.ts';
import { type ModelFile, readModel } from '../decode/read-model.ts';
import { type Graph, readGraph } from '../graph/read-graph.ts';
import { type Copies, type ImageSize, lowerGraph } from '../lower/lower-graph.ts';
import type { Weight } from '../lower/network-builder.ts';
import type { OnnxOptions } from './onnx-options.ts';

/** A network as its file has it. */
export interface OnnxNetwork {
  readonly file: ModelFile;
  readonly graph: Graph;
  readonly network: Network;
  readonly weights: ReadonlyMap<string, Weight>;
  readonly copies: Copies;
  readonly classes: number;
  readonly size: ImageSize;
  readonly isFolded: boolean;
  readonly notes: readonly string[];
}

/** What a network is called: as its file. */
export function architectureOf({ file }: Pick<OnnxOptions, 'file'>): string {
  return basename(file).replace(/\.onnx$/i, '');
}

/**
 * Reads the file that options name, for images of a size.
 *
 * @param images the size of the data's images; null where it is not known: then the file or the option must say it
 * @throws StudyError `model-onnx/size` where no size is known, or sizes differ; what reading the file throws
 */
export function readNetwork(
  options: Pick<OnnxOptions, 'file' | 'size' | 'output'>,
  folder: string,
  images: ImageSize | null,
): OnnxNetwork {
  const file = readModel(options.file, folder);
  const graph = readGraph(file, options.output);
  const size = sizeFor(file, graph, options, images);
  const lowered = lowerGraph(graph, file, file.opset, size, architectureOf(options));
  const folded =
    graph.nodes.some(({ operator, isOfBatchNorm }) => isOfBatchNorm && operator !== 'BatchNormalization') ||
    [...lowered.weights.keys()].some((name) => /^onnx::Conv_\d+$/.test(name));
  return { file, graph, ...lowered, size, isFolded: folded };
}

/** As `readNetwork`, for images of the size that most networks take where none is said: names and shapes of kernels depend on none. */
export function readForAnySize(options: Pick<OnnxOptions, 'file' | 'size' | 'output'>, folder: string): OnnxNetwork {
  try {
    return readNetwork(options, folder, null);
  } catch (error) {
    if (StudyError.is(error) && error.code === 'model-onnx/size') return readNetwork(options, folder, usual);
    throw error;
  }
}

const usual: ImageSize = { height: 224, width: 224 };

function sizeFor(
  { name }: ModelFile,
  { input }: Graph,
  { size }: Pick<OnnxOptions, 'size'>,
  images: ImageSize | null,
): ImageSize {
  const asked = size ? { height: size[0], width: size[1] } : null;
  const [height, width] = [
    input.height ?? asked?.height ?? images?.height,
    input.width ?? asked?.width ?? images?.width,
  ];
  if (height === undefined || width === undefined)
    throw new StudyError(
      'model-onnx/size',
      `${name} leaves the size of its images open. Say it with the option "size": [height, width].`,
    );
  for (const [found, whose] of [
    [asked, 'the option "size" says'],
    [images, 'the data has'],
  ] as const) {
    if (!found || (found.height === height && found.width === width)) continue;
    throw new StudyError(
      'model-onnx/size',
      `${name} takes images of ${height} x ${width} pixels, ${whose} ${found.height} x ${found.width}. Set the size in the dataset's options, or export the network for that size.`,
    );
  }
  return { height, width };
}

/**
 * The network for a number of classes.
 *
 * @throws StudyError `model-onnx/classes` where the file tells others apart, and its head is kept
 */
export function networkFor(
  { network, classes, file }: OnnxNetwork,
  { head }: Pick<OnnxOptions, 'head'>,
  wanted: number,
): Network {
  if (head === 'new') return withClasses(network, wanted);
  if (classes === wanted) return network;
  throw new StudyError(
    'model-onnx/classes',
    `${file.name} tells ${classes} classes apart, the data has ${wanted}. Set "head" to "new" to go on from all but its last layer, or use data with the network's classes.`,
  );
}

/** @throws StudyError `model-onnx/unsupported` where the file is folded and the options do not say so, or the other way round */
export function checkFolding({ file, isFolded }: OnnxNetwork, { folded }: Pick<OnnxOptions, 'folded'>): void {
  if (isFolded === folded) return;
  if (folded)
    throw unsupported(
      file.name,
      'the option "folded" is true, but no BatchNorm was folded into its kernels. Leave the option out.',
    );
  throw unsupported(
    file.name,
    `its BatchNorm was folded into the kernels, so pruning by magnitude ranks w * gamma / sigma, and training has no BatchNorm. Export it with ${exporterLine}; or set "folded" to true, which then stands in the label of every result.`,
  );
}

/** The names of the parameters of the head, and how many values its outputs are computed from. */
export function headIn(network: Network): { readonly names: ReadonlySet<string>; readonly inputs: number } {
  const { layer } = headOf(network);
  return { names: new Set([layer.weight, ...(layer.bias === null ? [] : [layer.bias])]), inputs: layer.inputs };
}
