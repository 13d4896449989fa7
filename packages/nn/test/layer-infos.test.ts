import { expect, test } from 'vitest';
import { GraphBuilder, type Value } from '../src/architectures/index.ts';
import { layerInfosOf } from '../src/graph/layer-infos.ts';
import { shapesOf } from '../src/graph/shapes-of.ts';

/** A stem, what `rest` makes of it, and a head of dense outputs; layers of an image of 8 x 12. */
function layersOf(rest: (graph: GraphBuilder, stem: Value) => Value) {
  const graph = new GraphBuilder();
  const stem = graph.relu('stem', graph.convolution('conv', graph.images, 4, { kernel: 1, padding: 0, bias: true }));
  const network = graph.network('tried', graph.dense('head', graph.globalMean('mean', rest(graph, stem)), 3), []);
  const layers = layerInfosOf(network, shapesOf(network, { height: 8, width: 12, channels: 3 }));
  return new Map(layers.map((layer) => [layer.name, layer]));
}

const cut = (axis: number, start: number, end: number) => ({ kind: 'slice', axis, start, end }) as const;
const gathered = (axis: number, indices: readonly number[]) => ({ kind: 'gather', axis, indices }) as const;

test('shuffled channels are a map; the groups on the way are none', () => {
  const layers = layersOf((graph, stem) => {
    const swapped = graph.transpose('swapped', graph.reshape('groups', stem, [8, 12, 2, 2]), [0, 1, 3, 2], 2);
    return graph.convolution('after', graph.reshape('shuffled', swapped, [8, 12, 4]), 5, { kernel: 1, padding: 0 });
  });
  expect(layers.has('groups')).toBe(false);
  expect([layers.get('shuffled')!.isMap, layers.get('after')!.isMap]).toEqual([true, true]);
});

test('windows and heads are no maps; what is added to one is', () => {
  const layers = layersOf((graph, stem) => {
    const parted = graph.transpose('parted', graph.reshape('by four', stem, [2, 4, 3, 4, 4]), [0, 2, 1, 3, 4], 4);
    const windows = graph.reshape('windows', parted, [6, 16, 4]);
    const wide = graph.reshape('wide', windows, [8, 12, 4]);
    return graph.sum('sum', wide, stem);
  });
  expect(['windows', 'wide', 'sum', 'mean'].map((name) => layers.get(name)!.isMap)).toEqual([
    ...[false, false, true, false],
  ]);
});

test('channels first are no map until they come last again; a part of the rows is none, every other row is', () => {
  const layers = layersOf((graph, stem) => {
    const first = graph.transpose('first', stem, [2, 0, 1], 12);
    const paired = graph.reshape('paired', graph.reshape('four axes', first, [2, 2, 8, 12]), [4, 8, 12]);
    const last = graph.transpose('last', paired, [1, 2, 0], 4);
    graph.add('top', [last], cut(0, 0, 4), 4);
    graph.add('some', [last], gathered(0, [0, 3]), 4);
    graph.add('rows', [last], gathered(0, [1, 3, 5, 7]), 4);
    return graph.add('half', [last], cut(2, 0, 2), 2);
  });
  expect(['first', 'paired', 'last', 'half', 'top', 'some', 'rows'].map((name) => layers.get(name)!.isMap)).toEqual([
    ...[false, false, true, true, false, false, true],
  ]);
});

test('what no image and no weights can make negative is known', () => {
  const layers = layersOf((graph, stem) => {
    const [gate, hat] = [
      graph.activation('gate', stem, { kind: 'sigmoid' }),
      graph.activation('hat', stem, { kind: 'clip', least: -1, most: 1 }),
    ];
    graph.sum('signed', stem, hat);
    graph.add('turned', [stem], { kind: 'scale', factor: -1 }, 4);
    return graph.add('gated', [stem, gate], { kind: 'multiply' }, 4);
  });
  const known = ['conv', 'stem', 'gate', 'hat', 'signed', 'turned', 'gated', 'mean'];
  expect(known.map((name) => layers.get(name)!.isNonNegative)).toEqual([
    ...[false, true, true, false, false, false, true, true],
  ]);
});
