import { create, toBinary } from '@bufbuild/protobuf';
import { type NdArray, StudyError, type Weights } from '@espalier/core';
import { type GraphProto, ModelProtoSchema, type TensorProto, TensorProtoSchema } from 'onnx-buf';
import { storedValues, withinFile } from '../constants/tensor.ts';
import type { TensorPlace } from '../constants/tensor-place.ts';
import { quoted } from '../decode/model-error.ts';
import type { Copy } from '../lower/network-builder.ts';
import { readForAnySize } from '../model/onnx-network.ts';
import type { OnnxOptions } from '../model/onnx-options.ts';
import { typesIn } from './tensor-type.ts';

/**
 * The ONNX file that a model came from, with the model's weights: the graph, its names and its metadata stay as they are. Tensors keep
 * the file's types, of half precision rounded to the nearest (ties to even), and lie inside the file.
 *
 * @param options of the plugin that made the model
 * @param folder where a relative path starts
 * @param weights of every parameter, by name, as `Model.weights` gives them; a new head may tell other classes apart
 * @throws StudyError `core/weights-mismatch` where a parameter is missing or misshapen, `model-onnx/out-of-range` where a weight is too large for the
 * file's type, and what reading the file throws
 * @example
 * writeFileSync('pruned.onnx', exportOnnx({ file: 'network.onnx', size: null, output: null }, '.', await model.weights()));
 */
export function exportOnnx(
  options: Pick<OnnxOptions, 'file' | 'size' | 'output'>,
  folder: string,
  weights: Weights,
): Uint8Array {
  const found = readForAnySize(options, folder);
  const graph = found.file.model.graph!; // it was lowered
  const isNewHead = [...found.weights].some(
    ([name, { shape }]) => weights.get(name) && weights.get(name)!.shape.join() !== shape.join(),
  );
  const typeOf = typesIn(graph);
  for (const name of found.weights.keys()) {
    const array = weights.get(name);
    if (!array)
      throw new StudyError(
        'core/weights-mismatch',
        `The weights lack ${quoted(name)}, a parameter of ${found.file.name}. Give those of a model that was made of it.`,
      );
    const copies = found.copies.get(name) ?? [];
    const type = typeOf(copies[0]?.of ?? name);
    put(graph, tensorOf(name, array, type, found.file), copies);
  }
  graph.initializer = graph.initializer.map((tensor) => withinFile(tensor, found.file));
  if (isNewHead) forgetShapes(graph, found.graph.output);
  return toBinary(ModelProtoSchema, found.file.model);
}

/** In place of the tensor of that name; else of what computed the value of that name, or of the tensor that it was a copy of. */
function put(graph: GraphProto, tensor: TensorProto, copies: readonly Copy[]): void {
  const { name } = tensor;
  const place = graph.initializer.findIndex((before) => before.name === name);
  if (place >= 0) {
    const { docString, metadataProps } = graph.initializer[place]!;
    graph.initializer[place] = { ...tensor, docString, metadataProps };
    return;
  }
  graph.initializer.push(tensor);
  for (const node of graph.node) {
    node.output = node.output.map((output) => (output === name ? `${name}:replaced` : output));
    for (const { of, node: user } of copies) {
      if (node.output[0] === user.outputs[0]) node.input = node.input.map((input) => (input === of ? name : input));
    }
  }
}

function tensorOf(name: string, { data, shape }: NdArray, dataType: number, file: TensorPlace): TensorProto {
  const rawData = storedValues(data, dataType, name, file);
  return create(TensorProtoSchema, { name, dims: shape.map(BigInt), dataType, rawData });
}

/** What was noted of shapes no longer holds for another number of classes. */
function forgetShapes(graph: GraphProto, output: string): void {
  graph.valueInfo = [];
  for (const { name, type } of graph.output) {
    const { value } = type ?? {};
    const last = name === output && value?.case === 'tensorType' ? value.value.shape?.dim.at(-1) : undefined;
    if (last) last.value = { case: undefined };
  }
}
