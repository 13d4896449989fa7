import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type NdArray, ndArray, type Weights } from '@espalier/core';
import { exportOnnx } from '@espalier/model-onnx';
import { parametersOf } from '@espalier/nn';
import { type ModelProto, ModelProtoSchema, TensorProto_DataType, TensorProtoSchema } from 'onnx-buf';
import { afterAll, expect, test } from 'vitest';
import { startOf } from '../src/model/onnx-factory.ts';
import { networkFor, readNetwork } from '../src/model/onnx-network.ts';
import { bytesOf, type SmallNode, smallModel } from './small-model.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const folder = mkdtempSync(join(tmpdir(), 'espalier-onnx-'));
afterAll(() => rmSync(folder, { recursive: true }));
const options = (file: string) => ({ file, size: null, output: null });
const read = (file: string, from = fixtures) => readNetwork(options(file), from, null);

/** Every weight times -2, so that none stays. */
function changed(weights: Weights): Weights {
  return new Map(
    [...weights].map(([name, array]): [string, NdArray] => [
      name,
      { ...array, data: array.data.map((value) => -2 * value) },
    ]),
  );
}

test.each(readdirSync(fixtures).filter((name) => name.endsWith('.onnx')))(
  '%s holds the new weights when it is written back, and reads as the same network',
  (file) => {
    const before = read(file);
    const weights = changed(startOf(before, before.network, { head: 'weights' }, 0));
    writeFileSync(join(folder, file), exportOnnx(options(file), fixtures, weights));
    const after = read(file, folder);
    expect(JSON.stringify(after.network.nodes)).toBe(JSON.stringify(before.network.nodes));
    const found = startOf(after, after.network, { head: 'weights' }, 0);
    for (const [name, { data }] of weights)
      expect(Buffer.from(found.get(name)!.data.buffer).equals(Buffer.from(data.buffer)), name).toBe(true);
  },
);

test('all but the tensors stays as it was', () => {
  const file = 'convnext_tiny.recipe.onnx';
  const before = read(file);
  const bytes = exportOnnx(options(file), fixtures, changed(startOf(before, before.network, { head: 'weights' }, 0)));
  const rest = (model: ModelProto): Buffer => {
    model.graph!.initializer = [];
    return Buffer.from(toBinary(ModelProtoSchema, model));
  };
  expect(rest(fromBinary(ModelProtoSchema, bytes)).equals(rest(before.file.model))).toBe(true);
});

test('a new head tells other classes apart', () => {
  const file = 'resnet50.recipe.onnx';
  const before = read(file);
  const network = networkFor(before, { head: 'new' }, 4);
  const weights = startOf(before, network, { head: 'new' }, 7);
  expect(parametersOf(network).find(({ name }) => name === 'fc.weight')?.shape).toEqual([4, 64]);
  writeFileSync(join(folder, file), exportOnnx(options(file), fixtures, weights));
  expect(read(file, folder).classes).toBe(4);
  expect(weights.get('fc.weight')!.data).not.toEqual(
    startOf(before, network, { head: 'new' }, 8).get('fc.weight')!.data,
  );
  expect(weights.get('conv1.weight')!.data).toEqual(before.weights.get('conv1.weight')!.values());
});

const { BFLOAT16, DOUBLE, FLOAT16 } = TensorProto_DataType;

test.each([
  [FLOAT16, [0x3c00, 0x3c02, 0xc248, 0x0001, 0x7bff]],
  [BFLOAT16, [0x3f80, 0x3f80, 0xc049, 0x3380, 0x4780]],
  [DOUBLE, [1, 1.00146484375, -3.140625, 2 ** -24, 65519]],
])('tensors of the type %i are written back in it, to the nearest', (dataType, bits) => {
  const values = [1, 1.00146484375, -3.140625, 2 ** -24, 65519];
  const rawData = new Uint8Array(15 * (dataType === DOUBLE ? 8 : 2));
  const tensors = [create(TensorProtoSchema, { name: 'k', dims: [5n, 3n, 1n, 1n], dataType, rawData })];
  const nodes: readonly SmallNode[] = [
    ['Cast', ['k'], 'wide', { to: TensorProto_DataType.FLOAT }],
    ['Conv', ['x', 'wide'], 'a'],
    ['GlobalAveragePool', ['a'], 'b'],
    ['Flatten', ['b'], 'y'],
  ];
  writeFileSync(join(folder, 'half.onnx'), bytesOf(smallModel({ nodes, tensors })));
  const data = Float32Array.from({ length: 15 }, (_, i) => values[i] ?? 0);
  const written = exportOnnx(options('half.onnx'), folder, new Map([['k', ndArray('o i h w', [5, 3, 1, 1], data)]]));
  const tensor = fromBinary(ModelProtoSchema, written).graph!.initializer[0]!;
  const view = new DataView(tensor.rawData.slice().buffer);
  const found = values.map((_, i) =>
    dataType === DOUBLE ? view.getFloat64(8 * i, true) : view.getUint16(2 * i, true),
  );
  expect(found).toEqual(bits);
  if (dataType !== FLOAT16) return;
  data[7] = 65520;
  expect(() =>
    exportOnnx(options('half.onnx'), folder, new Map([['k', ndArray('o i h w', [5, 3, 1, 1], data)]])),
  ).toThrow(
    'half.onnx: the weight 65520 of "k" is too large for the file\'s type FLOAT16. Use the safetensors file of the weights.',
  );
});

test('weights of another network are refused', () => {
  expect(() => exportOnnx(options('resnet50.recipe.onnx'), fixtures, new Map())).toThrow(
    'The weights lack "conv1.weight", a parameter of resnet50.recipe.onnx.',
  );
});
