import { basename } from 'node:path';
import { StudyError } from '@espalier/core';
import type { Network } from '@espalier/nn';
import { withClasses } from '@espalier/nn/architectures';
import { exporterLine, quoted } from '../decode/model-error.ts';
import type { OnnxNode } from '../decode/onnx-node.ts';
import { type ModelFile, readModel } from '../decode/read-model.ts';
import { type NormFolding, normFoldingIn } from '../graph/norm-folding.ts';
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
  readonly folding: NormFolding;
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
  return { file, graph, ...lowered, size, folding: normFoldingIn(graph) };
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

/** The size of images that a file, or its option, fixes; undefined where both leave it open. */
export function fixedSize(
  options: Pick<OnnxOptions, 'file' | 'size' | 'output'>,
  folder: string,
): ImageSize | undefined {
  const file = readModel(options.file, folder);
  const { height, width } = readGraph(file, options.output).input;
  const [rows, columns] = [height ?? options.size?.[0], width ?? options.size?.[1]];
  return rows === undefined || columns === undefined ? undefined : { height: rows, width: columns };
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

/** @throws StudyError `model-onnx/folded` where the options do not say what the file shows, or nothing of what it does not show */
export function checkFolding({ file, folding }: OnnxNetwork, { folded }: Pick<OnnxOptions, 'folded'>): void {
  const { isFolded, doubtful } = folding;
  if (isFolded === null ? folded !== null : isFolded === (folded ?? false)) return;
  throw new StudyError('model-onnx/folded', `${file.name}: ${misfitOf(folded, doubtful)}`);
}

function misfitOf(folded: boolean | null, doubtful: OnnxNode | null): string {
  if (doubtful)
    return `whether BatchNorm was folded into its kernels cannot be seen: the convolution ${quoted(doubtful.name)} has a bias, as folding leaves one. Export it with ${exporterLine}; or say what you know, "folded" true or false, which then stands in the label of every result.`;
  if (folded) return 'the option "folded" is true, but no BatchNorm was folded into its kernels. Leave the option out.';
  return `its BatchNorm was folded into the kernels, so pruning by magnitude ranks w * gamma / sigma, and training has no BatchNorm. Export it with ${exporterLine}; or set "folded" to true, which then stands in the label of every result.`;
}
