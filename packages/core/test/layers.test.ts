import { type LayerOutline, mapLayerNamed, placesOfLayer, readLayerNamed } from '@espalier/core';
import { describe, expect, test } from 'vitest';

const grid = (isRead: boolean) => ({ height: 2, width: 3, leading: 1, isRead });
const layers: readonly LayerOutline[] = [
  { name: 'patches', isStage: true, isComplete: true },
  { name: 'inside', isStage: false, isComplete: false, grid: grid(true) },
  { name: 'block 0', isStage: true, isComplete: true, grid: grid(true) },
  { name: 'block 1', isStage: true, isComplete: true, grid: grid(false) },
];

test('the last stage is taken whose places the rest of the network reads', () => {
  expect(readLayerNamed(layers, null).name).toBe('block 0');
  expect(readLayerNamed(layers, 'patches').name).toBe('patches');
});

test('a layer is refused of which the class token alone is read', () => {
  expect(() => readLayerNamed(layers, 'block 1')).toThrowErrorMatchingInlineSnapshot(
    `[StudyError: After the layer "block 1" the network reads nothing but the tokens that lie nowhere on the image (the class token), so what is in the others cannot matter to an answer. Choose an earlier layer, one of "patches", "block 0".]`,
  );
  expect(() => readLayerNamed(layers, 'inside')).toThrow('Choose a layer at which all paths meet');
  expect(() => readLayerNamed(layers, 'block 2')).toThrow('found "block 2"');
});

test('places of tokens are those of their grid', () => {
  const tokens = { ...layers[2]!, height: 1, width: 7, features: 4 };
  expect(placesOfLayer(tokens)).toMatchObject({ height: 2, width: 3, leading: 1 });
  expect(placesOfLayer({ ...layers[0]!, height: 5, width: 4, features: 4 })).toEqual({
    height: 5,
    width: 4,
    leading: 0,
  });
});

describe('layers that have a map', () => {
  const stage = { isStage: true, isComplete: true };
  const known: readonly LayerOutline[] = [
    { ...stage, name: 'block', isMap: true, isNonNegative: true },
    { ...stage, name: 'sum', isMap: true, isNonNegative: false },
    { name: 'branch', isStage: false, isComplete: false },
    { ...stage, name: 'tokens', isMap: true, grid: grid(false) },
    { ...stage, name: 'pooled', isMap: false, isNonNegative: true },
  ];

  test('the last stage is taken that has one, and any such layer by its name', () => {
    expect(mapLayerNamed(known, null).name).toBe('sum');
    expect(mapLayerNamed(known.slice(0, 1), null, 'non-negative').name).toBe('block');
    expect(mapLayerNamed(known, 'branch', 'non-negative').name).toBe('branch'); // nobody knows its signs
  });

  test('others are refused, each with its reason', () => {
    expect(() => mapLayerNamed(known, 'pooled')).toThrow(
      'What is in the layer "pooled" lies at no places of the image that are known (one place, attention heads, windows), so there is no map of it. Choose another layer, one of "block", "sum".',
    );
    for (const name of ['sum', null]) // no other stage is taken without a word
      expect(() => mapLayerNamed(known, name, 'non-negative')).toThrow(
        'Values of the layer "sum" may be negative, and the method is defined for layers whose values are not, such as after a ReLU. Choose another layer, one of "block", or another method.',
      );
    expect(() => mapLayerNamed(known, 'tokens')).toThrow('(the class token)');
    expect(() => mapLayerNamed(known, 'pool')).toThrow('found "pool"');
  });

  test('where no stage has one, the last says why', () => {
    expect(() => mapLayerNamed(known.slice(4), null)).toThrow('"pooled" lies at no places of the image');
    expect(() => mapLayerNamed(known.slice(3, 4), null)).toThrow('(the class token)');
  });
});
