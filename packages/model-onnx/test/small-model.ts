import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  TensorProto_DataType as DataType,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  AttributeProto_AttributeType as Type,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { decodeModel } from '../src/decode/read-model.ts';
import { readGraph } from '../src/graph/read-graph.ts';
import { type Lowered, lowerGraph } from '../src/lower/lower-graph.ts';

type Attribute = number | string | readonly number[] | { readonly float: number };

/** A node as a test writes it: operator, inputs, output, attributes. */
export type SmallNode = readonly [
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes?: Readonly<Record<string, Attribute>>,
];

export interface SmallModel {
  readonly nodes: readonly SmallNode[];
  readonly tensors?: readonly TensorProto[];
  /** Of the only input, `x`; -1 is open. */
  readonly input?: readonly number[];
  readonly outputs?: readonly string[];
  readonly opset?: number;
}

/** A float tensor of values 1/8, 2/8, 3/8, ... */
export function floats(name: string, dims: readonly number[], values = ramp(dims)): TensorProto {
  return create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType: DataType.FLOAT, floatData: [...values] });
}

export function ints(name: string, values: readonly number[]): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: [BigInt(values.length)],
    dataType: DataType.INT64,
    int64Data: values.map(BigInt),
  });
}

export function smallModel({
  nodes,
  tensors = [],
  input = [1, 3, 8, 8],
  outputs = ['y'],
  opset = 20,
}: SmallModel): ModelProto {
  return create(ModelProtoSchema, {
    irVersion: 10n,
    producerName: 'test',
    opsetImport: [{ domain: '', version: BigInt(opset) }],
    graph: {
      name: 'graph',
      node: nodes.map(nodeOf),
      initializer: [...tensors],
      input: [valueInfo('x', input)],
      output: outputs.map((name) => create(ValueInfoProtoSchema, { name })),
    },
  });
}

export function bytesOf(model: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, model);
}

/** The small model lowered, for images of 8 x 8 where it leaves the size open. */
export function lowered(model: SmallModel | ModelProto, output: string | null = null): Lowered {
  const file = decodeModel(bytesOf('nodes' in model ? smallModel(model) : model), '/net.onnx', 'net.onnx');
  const graph = readGraph(file, output);
  return lowerGraph(
    graph,
    file,
    file.opset,
    { height: graph.input.height ?? 8, width: graph.input.width ?? 8 },
    'onnx',
  );
}

function ramp(dims: readonly number[]): readonly number[] {
  return Array.from({ length: dims.reduce((product, length) => product * length, 1) }, (_, i) => (i + 1) / 8);
}

function nodeOf([opType, input, output, attributes = {}]: SmallNode) {
  const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
  return create(NodeProtoSchema, {
    name: `node ${output}`,
    opType,
    input: [...input],
    output: output.split(' '),
    attribute,
  });
}

function attributeOf(name: string, value: Attribute): AttributeProto {
  const attribute = create(AttributeProtoSchema, { name });
  if (typeof value === 'number') return Object.assign(attribute, { type: Type.INT, i: BigInt(value) });
  if (typeof value === 'string')
    return Object.assign(attribute, { type: Type.STRING, s: new TextEncoder().encode(value) });
  if ('float' in value) return Object.assign(attribute, { type: Type.FLOAT, f: value.float });
  return Object.assign(attribute, { type: Type.INTS, ints: value.map(BigInt) });
}

function valueInfo(name: string, shape: readonly number[]) {
  const dim = shape.map((length) => ({
    value:
      length < 0 ? { case: 'dimParam' as const, value: 'n' } : { case: 'dimValue' as const, value: BigInt(length) },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: DataType.FLOAT, shape: { dim } } } },
  });
}
