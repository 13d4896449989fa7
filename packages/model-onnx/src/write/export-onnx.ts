import { create, toBinary } from '@bufbuild/protobuf';
import { type NdArray, StudyError, type Weights } from '@espalier/core';
import { type GraphProto, ModelProtoSchema, type TensorProto, TensorProto_DataType, TensorProtoSchema } from 'onnx-buf';
import { withinFile } from '../constants/tensor.ts';
import { quoted, unsupported } from '../decode/model-error.ts';
import type { Copies } from '../lower/lower-graph.ts';
import { type OnnxNetwork, readForAnySize } from '../model/onnx-network.ts';
import type { OnnxOptions } from '../model/onnx-options.ts';

/**
 * The ONNX file that a model came from, with the model's weights: the graph, its names and its metadata stay as they are. Tensors are float32 and
 * inside the file.
 *
 * @param options of the plugin that made the model
 * @param folder where a relative path starts
 * @param weights of every parameter, by name, as `Model.weights` gives them; a new head may tell other classes apart
 * @throws StudyError `core/weights-mismatch` where a parameter is missing or misshapen, and what reading the file throws
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
  checkTypes(found);
  for (const name of found.weights.keys()) {
    const array = weights.get(name);
    if (!array)
      throw new StudyError(
        'core/weights-mismatch',
        `The weights lack ${quoted(name)}, a parameter of ${found.file.name}. Give those of a model that was made of it.`,
      );
    put(graph, name, array, found.copies);
  }
  graph.initializer = graph.initializer.map((tensor) => withinFile(tensor, found.file));
  if (isNewHead) forgetShapes(graph, found.graph.output);
  return toBinary(ModelProtoSchema, found.file.model);
}

/** What the graph computes in half precision cannot take float32 tensors. */
function checkTypes({ file, weights, copies }: OnnxNetwork): void {
  const names = new Set([...weights.keys(), ...[...copies.values()].flat().map(({ of }) => of)]);
  const other = file.model.graph?.initializer.find(
    ({ name, dataType }) => names.has(name) && dataType !== TensorProto_DataType.FLOAT,
  );
  if (other)
    throw unsupported(
      file.name,
      `its tensor ${quoted(other.name)} is of the type ${TensorProto_DataType[other.dataType]}; only files of float32 tensors are written back. Use the safetensors file of the weights.`,
    );
}

/** In place of the tensor of that name; else of what computed the value of that name, or of the tensor that it was a copy of. */
function put(graph: GraphProto, name: string, array: NdArray, copies: Copies): void {
  const place = graph.initializer.findIndex((tensor) => tensor.name === name);
  if (place >= 0) {
    graph.initializer[place] = tensorOf(name, array, graph.initializer[place]!);
    return;
  }
  graph.initializer.push(tensorOf(name, array));
  for (const node of graph.node) {
    node.output = node.output.map((output) => (output === name ? `${name}:replaced` : output));
    for (const { of, node: user } of copies.get(name) ?? []) {
      if (node.output[0] === user.outputs[0]) node.input = node.input.map((input) => (input === of ? name : input));
    }
  }
}

function tensorOf(name: string, { data, shape }: NdArray, before?: TensorProto): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: TensorProto_DataType.FLOAT,
    rawData: new Uint8Array(data.slice().buffer),
    docString: before?.docString ?? '',
    metadataProps: before?.metadataProps ?? [],
  });
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
