import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { TensorProto_DataLocation, TensorProto_DataType, TensorProtoSchema } from 'onnx-buf';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeModel, readModel } from '../src/decode/read-model.ts';
import { readGraph } from '../src/graph/read-graph.ts';
import { bytesOf, floats, lowered, type SmallModel, smallModel } from './small-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'espalier-onnx-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Mean over space, then a dense layer. */
const classifier: SmallModel = {
  nodes: [
    ['GlobalAveragePool', ['x'], 'pooled'],
    ['Flatten', ['pooled'], 'flat'],
    ['Gemm', ['flat', 'fc.weight', 'fc.bias'], 'y', { transB: 1 }],
  ],
  tensors: [floats('fc.weight', [4, 3]), floats('fc.bias', [4])],
};
const whole = bytesOf(smallModel(classifier));
const errorOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'no error';
};
const decoding = (bytes: Uint8Array) =>
  errorOf(() => readGraph(decodeModel(bytes, join(folder, 'net.onnx'), 'net.onnx'), null));

describe('What is no ONNX model is told apart', () => {
  test.each([
    ['', 'it is an empty file'],
    ['<!DOCTYPE html><html>404</html>', 'it is an HTML page'],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:0\n', 'it is a Git LFS pointer'],
    ['hello, this is text', 'it is plain text'],
    ['\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.', 'it is a PyTorch file'],
    ['\x10\0\0\0\0\0\0\0{"a":{}}', 'it is a safetensors file'],
  ])('%j', (text, found) => {
    expect(decoding(Buffer.from(text, 'latin1'))).toContain(`net.onnx: expected an ONNX model, but ${found}`);
  });

  test('a model without a graph', () => {
    expect(decoding(Uint8Array.of(8, 10))).toBe(
      'net.onnx: expected an ONNX model; found no graph in it. Export or download it again.',
    );
  });

  test('nothing there', () => {
    expect(errorOf(() => readModel('none.onnx', folder))).toContain(
      'which does not exist. Give the path of an ONNX file, relative to the study file.',
    );
  });
});

describe('A damaged file is refused with one sentence', () => {
  test.each(Array.from({ length: whole.length - 3 }, (_, i) => i + 3).filter((end) => end % 7 === 0))(
    'cut after %i bytes',
    (end) => {
      const text = decoding(whole.subarray(0, end));
      expect(text).toMatch(/^net\.onnx: /);
      expect(text).not.toContain('no error');
    },
  );

  test('the number of missing bytes is said', () => {
    expect(decoding(whole.subarray(0, whole.length - 2))).toMatch(
      /the file ends \d+ bytes too early: it was cut at \d+ bytes/,
    );
  });

  test.each(Array.from({ length: 60 }, (_, i) => i))(
    'other bytes in it never give anything but a sentence (%i)',
    (seed) => {
      const bytes = Uint8Array.from(whole);
      for (let i = 0; i < 3; i++) bytes[(seed * 97 + i * 31) % bytes.length] = (seed * 53 + i * 101) % 256;
      const text = errorOf(() => lowered(decodeModel(bytes, '/net.onnx', 'net.onnx').model));
      expect(text === 'no error' || text.startsWith('net.onnx: ')).toBe(true);
    },
  );

  test('messages that are nested without end', () => {
    let bytes = Uint8Array.of(10, 0);
    for (let i = 0; i < 200; i++) bytes = field(i % 2 === 0 ? 5 : 6, field(1, bytes));
    expect(decoding(Uint8Array.from([8, 10, ...field(7, field(1, bytes))]))).toMatch(/^net\.onnx: /);
  });

  test('a tensor of other bytes than its shape says', () => {
    const bad = create(TensorProtoSchema, {
      name: 'fc.weight',
      dims: [4n, 3n],
      dataType: TensorProto_DataType.FLOAT,
      rawData: new Uint8Array(8),
    });
    expect(decoding(bytesOf(smallModel({ ...classifier, tensors: [bad, floats('fc.bias', [4])] })))).toBe(
      'net.onnx: the tensor "fc.weight" of the shape [4, 3] should take 48 bytes; found 8. Export or download the file again.',
    );
  });

  test('a tensor of more values than memory holds', () => {
    const bad = create(TensorProtoSchema, {
      name: 'fc.weight',
      dims: [2n ** 40n, 2n ** 20n],
      dataType: TensorProto_DataType.FLOAT,
    });
    expect(decoding(bytesOf(smallModel({ ...classifier, tensors: [bad, floats('fc.bias', [4])] })))).toContain(
      'at most 8 axes and 1073741824 values',
    );
  });
});

describe('Tensors beside the file', () => {
  const external = (location: string, more: Readonly<Record<string, string>> = {}) => {
    const externalData = Object.entries({ location, ...more }).map(([key, value]) => ({ key, value }));
    const tensor = create(TensorProtoSchema, {
      name: 'fc.weight',
      dims: [4n, 3n],
      dataType: TensorProto_DataType.FLOAT,
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData,
    });
    return bytesOf(smallModel({ ...classifier, tensors: [tensor, floats('fc.bias', [4])] }));
  };
  mkdirSync(join(folder, 'models'));
  writeFileSync(join(folder, 'outside.bin'), new Uint8Array(48));
  writeFileSync(
    join(folder, 'models/weights.bin'),
    Float32Array.from({ length: 14 }, (_, i) => i),
  );
  symlinkSync(join(folder, 'outside.bin'), join(folder, 'models/link.bin'));
  const path = join(folder, 'models/net.onnx');
  const open = (bytes: Uint8Array) => readGraph(decodeModel(bytes, path, 'net.onnx'), null);

  test('are read where they lie', () => {
    const { constants } = open(external('weights.bin', { offset: '8', length: '48' }));
    expect([...constants.get('fc.weight')!.values()]).toEqual(Array.from({ length: 12 }, (_, i) => i + 2));
  });

  test.each(['../outside.bin', join(folder, 'outside.bin'), 'link.bin', 'a/../../outside.bin', '', 'C:\\outside.bin'])(
    '%j is outside of the folder',
    (location) => {
      expect(errorOf(() => open(external(location)))).toContain('only files in the folder of "net.onnx" are read');
    },
  );

  test.each([
    [{ offset: '20' }, 'should be bytes 20 to 68 of "weights.bin", which has 56'],
    [{ offset: '-8' }, 'should be bytes -8 to 40 of "weights.bin"'],
    [{ length: '12' }, 'should take 48 bytes; "weights.bin" is said to hold 12'],
  ] as const)('%j does not fit', (more, text) => {
    expect(errorOf(() => open(external('weights.bin', more)))).toContain(text);
  });

  test('that are missing are named', () => {
    expect(errorOf(() => open(external('none.bin')))).toContain('Copy it with the model');
  });
});

describe('What is not supported is said', () => {
  const dense: SmallModel['nodes'] = classifier.nodes;
  test.each<[string, Partial<SmallModel>, string]>([
    [
      'an old opset',
      { opset: 8 },
      "it asks for version 8 of ONNX' operators (opset); versions 9 to 24 are supported. Export it with opset_version=20.",
    ],
    ['a batch of four', { input: [4, 3, 8, 8] }, 'it computes 4 images at once'],
    ['grey images', { input: [1, 1, 8, 8] }, 'which is not of three channels'],
    ['channels last', { input: [1, 8, 8, 3] }, 'which is not of three channels'],
    ['no images', { input: [1, 10] }, 'has the shape [1, 10]; one input of images [n, 3, height, width] is supported'],
    [
      'two outputs',
      { outputs: ['y', 'flat'] },
      'it has 2 outputs: "y", "flat". Name the one that tells the classes apart with the option "output".',
    ],
    [
      'a sigmoid at the end',
      { nodes: [...dense, ['Sigmoid', ['y'], 'z']], outputs: ['z'] },
      'it finds several classes in one image',
    ],
    [
      'a map as output',
      { outputs: ['x2'], nodes: [['Relu', ['x'], 'x2']] },
      'its output has the shape [1, 3, 8, 8] for one image',
    ],
    ['a value of nobody', { nodes: [['Add', ['x', 'nobody'], 'y']] }, 'uses the value "nobody", which nothing makes'],
    [
      'a cycle',
      {
        nodes: [
          ['Relu', ['b'], 'a'],
          ['Relu', ['a'], 'b'],
          ['Add', ['a', 'x'], 'y'],
        ],
      },
      'which is made by no node before it',
    ],
    [
      'a loop',
      {
        nodes: [
          ['Relu', ['x'], 'y'],
          ['Relu', ['x'], 'y'],
        ],
      },
      'two nodes make the value "y"',
    ],
  ])('%s', (_, changes, text) => {
    expect(errorOf(() => lowered({ ...classifier, ...changes }))).toContain(text);
  });

  test('all operators without a rule are listed at once, counted', () => {
    const nodes: SmallModel['nodes'] = [
      ['Erf', ['x'], 'a'],
      ['Erf', ['a'], 'b'],
      ['Pow', ['b', 'x'], 'c'],
      ['LRN', ['c'], 'd', { size: 3 }],
      ['GlobalAveragePool', ['d'], 'e'],
      ['Erf', ['x'], 'f'],
      ['Add', ['e', 'f'], 'y'],
    ];
    const text = errorOf(() => lowered({ nodes }));
    expect(text).toContain('Erf (3 of them; the first is the node "node a")');
    expect(text).toContain('Pow (1 of them; the first is the node "node c")');
    expect(text).toContain('in opset 20. Supported are Add, AveragePool, BatchNormalization');
  });

  test('an attribute that nobody knows', () => {
    const nodes: SmallModel['nodes'] = [
      ['Relu', ['x'], 'r', { slope: 1 }],
      ['GlobalAveragePool', ['r'], 'pooled'],
      ...dense.slice(1),
    ];
    expect(errorOf(() => lowered({ ...classifier, nodes }))).toBe(
      'net.onnx: the node "node r" (Relu) has the attribute "slope", which is not known here.',
    );
  });
});

/** A field of a protobuf message that holds bytes. */
function field(number: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const length: number[] = [];
  for (let rest = content.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest >= 128 ? (rest % 128) + 128 : rest);
    if (rest < 128) break;
  }
  return Uint8Array.from([number * 8 + 2, ...length, ...content]);
}
