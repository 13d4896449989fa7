import { StudyError } from '@espalier/core';
import { parametersOf } from '@espalier/nn';
import { GraphBuilder, headOf, headParameters, withClasses } from '@espalier/nn/architectures';
import { expect, test } from 'vitest';

function network(end: 'dense' | 'softmax' | 'mean') {
  const graph = new GraphBuilder();
  const map = graph.convolution('conv', graph.images, 4, { kernel: 1 });
  if (end === 'mean') return graph.network('small', graph.globalMean('pool', map), []);
  const logits = graph.dense('fc', graph.globalMean('pool', map), 7);
  if (end === 'dense') return graph.network('small', logits, []);
  return graph.network('small', graph.add('softmax', [logits], { kind: 'softmax' }, 7), []);
}

test.each(['dense', 'softmax'] as const)('the dense layer that gives the logits gets other classes: %s', (end) => {
  const head = headOf(network(end));
  expect(head.name).toBe('fc');
  expect(headParameters(network(end))).toEqual(['fc.weight', 'fc.bias']);
  const shapes = parametersOf(withClasses(network(end), 3)).map(({ name, shape }) => [name, shape]);
  expect(shapes).toEqual([
    ['conv.weight', [4, 3, 1, 1]],
    ['fc.weight', [3, 4]],
    ['fc.bias', [3]],
  ]);
});

test('another kind of layer is no head', () => {
  const refused = () => withClasses(network('mean'), 3);
  expect(refused).toThrow(StudyError);
  expect(refused).toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The logits of the network small come from "pool", a layer of the kind "mean"; only a dense layer can be replaced by a new one. Use weights for the classes of the data.]`,
  );
});
