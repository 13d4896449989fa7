import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parametersOf } from '@espalier/nn';
import { describe, expect, test } from 'vitest';
import { readNetwork } from '../src/model/onnx-network.ts';
import { floats, ints, lowered, type SmallModel } from './small-model.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const read = (file: string) => readNetwork({ file, size: null, output: null }, fixtures, null);
const kinds = (file: string) => read(file).network.nodes.map(({ layer }) => layer.kind);

/** A classifier whose only map is what `nodes` make of x, as `m`. */
const around = (nodes: SmallModel['nodes'], more: Partial<SmallModel> = {}): SmallModel => ({
  ...more,
  nodes: [...nodes, ['GlobalAveragePool', ['m'], 'pooled'], ['Flatten', ['pooled'], 'y']],
});
const layersOf = (model: SmallModel) => lowered(model).network.nodes.map(({ layer }) => layer);

describe('A network of maps needs no transposition', () => {
  test.each(readdirSync(fixtures).filter((name) => /^(resnet|dense|mobile|eff|convnext).*onnx$/.test(name)))(
    '%s',
    (file) => {
      expect(kinds(file)).not.toContain('transpose');
    },
  );

  test('attention has four per layer: queries, keys, values, results', () => {
    expect(kinds('vit_b_16.recipe.onnx').filter((kind) => kind === 'transpose')).toHaveLength(8);
  });
});

describe('Parameters have the names of the state_dict, once each', () => {
  test.each([
    'resnet50',
    'vgg16-bn',
    'densenet121',
    'mobilenet_v3',
    'efficientnet_b0',
    'convnext_tiny',
    'vit_b_16',
    'shufflenet',
  ])('%s', (name) => {
    const { network, file } = read(`${name}.recipe.onnx`);
    const names = parametersOf(network).map((parameter) => parameter.name);
    expect(names.toSorted()).toEqual(file.model.graph!.initializer.map((tensor) => tensor.name).toSorted());
  });

  test('layers that an exporter let share equal tensors have their own', () => {
    const tensors = [floats('k1', [3, 3, 1, 1]), floats('k2', [3, 3, 1, 1]), floats('zeros', [3], [0, 0, 0])];
    const { network, copies } = lowered(
      around(
        [
          ['Conv', ['x', 'k1', 'zeros'], 'a'],
          ['Conv', ['a', 'k2', 'zeros'], 'm'],
        ],
        { tensors },
      ),
    );
    expect(parametersOf(network).map(({ name }) => name)).toEqual(['k1', 'zeros', 'k2', 'zeros:m.bias']);
    expect(copies.get('zeros:m.bias')?.map(({ of }) => of)).toEqual(['zeros']);
  });

  test('a kernel that two layers use is one parameter', () => {
    const { network } = lowered(
      around(
        [
          ['Conv', ['x', 'k1'], 'a'],
          ['Conv', ['a', 'k1'], 'm'],
        ],
        { tensors: [floats('k1', [3, 3, 1, 1])] },
      ),
    );
    expect(parametersOf(network).map(({ name }) => name)).toEqual(['k1']);
  });

  test.each([
    [['MatMul', ['flat', 'w'], 'y'], [3, 5], 'i o'],
    [['Gemm', ['flat', 'w'], 'y', { transB: 1 }], [5, 3], 'o i'],
    [['Gemm', ['flat', 'w'], 'y'], [3, 5], 'i o'],
  ] as const)('%j keeps its layout', (node, dims, axes) => {
    const { network, classes } = lowered({
      nodes: [['GlobalAveragePool', ['x'], 'p'], ['Flatten', ['p'], 'flat'], node],
      tensors: [floats('w', dims)],
    });
    expect(network.nodes.at(-1)?.layer).toMatchObject({ kind: 'dense', weight: 'w', axes, inputs: 3, outputs: 5 });
    expect(classes).toBe(5);
  });

  test('a transposed tensor stays itself, and what is added is the bias', () => {
    const nodes: SmallModel['nodes'] = [
      ['GlobalAveragePool', ['x'], 'p'],
      ['Flatten', ['p'], 'flat'],
      ['Transpose', ['w'], 't', { perm: [1, 0] }],
      ['MatMul', ['flat', 't'], 'z'],
      ['Add', ['b', 'z'], 'y'],
    ];
    const { network } = lowered({ nodes, tensors: [floats('w', [5, 3]), floats('b', [5])] });
    expect(network.nodes.at(-1)?.layer).toMatchObject({ kind: 'dense', weight: 'w', axes: 'o i', bias: 'b' });
  });
});

describe('Windows', () => {
  const kernel = [floats('k', [2, 3, 3, 3])];
  test.each<[Readonly<Record<string, number | string | readonly number[]>>, number[]]>([
    [{ pads: [1, 2, 3, 4] }, [1, 3, 2, 4]],
    [{ auto_pad: 'VALID' }, [0, 0, 0, 0]],
    [{ auto_pad: 'SAME_UPPER', strides: [2, 2] }, [0, 1, 0, 1]],
    [{ auto_pad: 'SAME_LOWER', strides: [2, 2] }, [1, 0, 1, 0]],
    [{ auto_pad: 'SAME_UPPER', dilations: [2, 2] }, [2, 2, 2, 2]],
  ])('a convolution with %j is padded above, below, left, right by %j', (attributes, padding) => {
    expect(layersOf(around([['Conv', ['x', 'k'], 'm', attributes]], { tensors: kernel }))[0]).toMatchObject({
      kind: 'convolution',
      padding,
    });
  });

  test('ceil mode adds a window that ends beyond the border, unless it begins there', () => {
    const pool = (attributes: Readonly<Record<string, number | readonly number[]>>) =>
      layersOf(
        around([['AveragePool', ['x'], 'm', { kernel_shape: [3, 3], ceil_mode: 1, ...attributes }]], {
          input: [1, 3, 8, 8],
        }),
      )[0];
    expect(pool({ strides: [2, 2] })).toMatchObject({ overhang: [1, 1], countsPadding: false });
    expect(pool({ strides: [5, 5] })).toMatchObject({ overhang: [0, 0] });
    expect(pool({ kernel_shape: [1, 1], strides: [8, 8], pads: [0, 0, 8, 8] })).toMatchObject({ overhang: [0, 0] });
  });

  test.each([
    [
      ['Conv', ['x', 'k'], 'm'],
      [floats('k', [2, 3, 3])],
      'has a kernel of 3 axes; only convolutions over height and width are supported',
    ],
    [
      ['Conv', ['x', 'k'], 'm'],
      [floats('k', [2, 4, 3, 3])],
      'has a kernel of the shape [2, 4, 3, 3] in 1 groups for 3 channels',
    ],
    [['Conv', ['x', 'k'], 'm'], [floats('k', [2, 3, 9, 9])], 'the images are too small for this network'],
    [['Conv', ['x', 'k'], 'm', { pads: [-1, 0, 0, 0] }], kernel, 'positive sizes over height and width are expected'],
    [
      ['MaxPool', ['x'], 'm', { kernel_shape: [2, 2], dilations: [2, 2] }],
      [],
      'has dilations of 2 and 2, which pooling does not support',
    ],
    [['MaxPool', ['x'], 'm', { kernel_shape: [2] }], [], 'has a window of 1 axes'],
  ] as const)('%j is refused', (node, tensors, text) => {
    expect(() => lowered(around([node], { tensors: [...tensors] }))).toThrow(text);
  });
});

describe('One thing in several versions of ONNX', () => {
  const layer = (nodes: SmallModel['nodes'], more: Partial<SmallModel>) => layersOf(around(nodes, more))[0];
  test('bounds of Clip', () => {
    const six = { kind: 'activation', function: { kind: 'clip', least: 0, most: 6 } };
    expect(layer([['Clip', ['x'], 'm', { min: { float: 0 }, max: { float: 6 } }]], { opset: 9 })).toEqual(six);
    expect(
      layer([['Clip', ['x', 'low', 'high'], 'm']], { tensors: [floats('low', [], [0]), floats('high', [], [6])] }),
    ).toEqual(six);
    expect(layer([['Clip', ['x', 'low'], 'm']], { tensors: [floats('low', [], [0])] })).toEqual({ kind: 'relu' });
  });

  test('axes of ReduceMean', () => {
    const mean = { kind: 'mean', axes: [0, 1], keepsAxes: false };
    const after = (node: SmallModel['nodes'][number], more: Partial<SmallModel>) =>
      lowered({ ...more, nodes: [node] }).network.nodes[0]?.layer;
    expect(after(['ReduceMean', ['x'], 'y', { axes: [2, 3], keepdims: 0 }], { opset: 13 })).toEqual(mean);
    expect(after(['ReduceMean', ['x', 'axes'], 'y', { keepdims: 0 }], { tensors: [ints('axes', [-1, -2])] })).toEqual(
      mean,
    );
  });

  test('parts of Split', () => {
    const parts = (node: SmallModel['nodes'][number], more: Partial<SmallModel>) =>
      layersOf({
        ...more,
        input: [1, 3, 8, 8],
        nodes: [node, ['GlobalAveragePool', ['b'], 'p'], ['Flatten', ['p'], 'y']],
      })[0];
    const second = { kind: 'slice', axis: 2, start: 1, end: 3 };
    expect(parts(['Split', ['x'], 'a b', { axis: 1, split: [1, 2] }], { opset: 11 })).toEqual(second);
    expect(
      parts(['Split', ['x', 'lengths'], 'a b', { axis: 1 }], { opset: 13, tensors: [ints('lengths', [1, 2])] }),
    ).toEqual(second);
    expect(parts(['Split', ['x'], 'a b', { axis: 2, num_outputs: 2 }], {})).toEqual({
      ...second,
      axis: 0,
      start: 4,
      end: 8,
    });
  });

  test('x sigmoid(x) is one function, unless something else asks for the sigmoid', () => {
    expect(
      layersOf(
        around([
          ['Sigmoid', ['x'], 's'],
          ['Mul', ['s', 'x'], 'm'],
        ]),
      ).map(({ kind }) => kind),
    ).toEqual(['activation', 'mean']);
    const both = around([
      ['Sigmoid', ['x'], 's'],
      ['Mul', ['s', 'x'], 'a'],
      ['Add', ['a', 's'], 'm'],
    ]);
    expect(layersOf(both).map(({ kind }) => kind)).toEqual(['activation', 'multiply', 'add', 'mean']);
  });
});

test('A softmax at the end is left out, and the plan says so', () => {
  const { network, notes } = lowered({
    nodes: [
      ['GlobalAveragePool', ['x'], 'p'],
      ['Flatten', ['p'], 'f'],
      ['Softmax', ['f'], 'y'],
    ],
  });
  expect(network.nodes.map(({ layer }) => layer.kind)).toEqual(['mean']);
  expect(notes).toEqual(['net.onnx ends in Softmax, which is left out: the logits before it are what a model gives.']);
});

test('Folding is bounded', () => {
  const nodes: SmallModel['nodes'] = [
    ['Expand', ['one', 'shape'], 'large'],
    ['Add', ['x', 'large'], 'm'],
  ];
  const tensors = [floats('one', [1], [1]), ints('shape', [2 ** 20, 2 ** 20])];
  expect(() => lowered(around(nodes, { tensors }))).toThrow(
    'computing its constants would take 1099511627776 values at once',
  );
});

test('Files of the default and the legacy exporter are seen to be folded; those of the recipe are not', () => {
  expect(
    ['resnet50.recipe.onnx', 'resnet50.default.onnx', 'resnet50.legacy.onnx', 'vit_b_16.default.onnx'].map(
      (file) => read(file).folding.isFolded,
    ),
  ).toEqual([false, true, true, false]);
});
