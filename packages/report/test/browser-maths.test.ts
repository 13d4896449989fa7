import type { ModelRecord } from '@espalier/analysis';
import { type Attributions, type Entry, type Labelled, ndArray } from '@espalier/core';
import { quantile } from '@espalier/numerics';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readExplained } from '../src/browser/explained.ts';
import { colourLimitQuantile, limitOf, mapRows } from '../src/browser/map-rows.ts';
import { shownMaps } from '../src/browser/shown-models.ts';
import { longestTile, paintSprite, tilesAcross } from '../src/browser/sprite.ts';
import { tileMaps } from '../src/browser/tile-maps.ts';
import { paintMagnitude, paintSigned } from '../src/gallery/colour-maps.ts';

const floats = (...values: number[]) => Float32Array.from(values);

describe('scales', () => {
  const maps = fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 40 }), { maxLength: 6 });

  test('a limit is the quantile of all maps together, as sorting finds it', () => {
    fc.assert(
      fc.property(maps, (rows) => {
        const all = Float32Array.from(rows.flat().map(Math.abs));
        expect(limitOf(rows.map((row) => Float32Array.from(row)))).toBe(quantile(all, colourLimitQuantile) || 1);
      }),
      { seed: 5 },
    );
  });

  const tile = (signed: number[], magnitude: number[], classIndex = 0) => ({
    maps: { signed: floats(...signed), magnitude: floats(...magnitude) },
    classIndex,
  });

  test('differences are to the dense model that a model has, of the same class, and have a scale of their own', () => {
    const tiles = [tile([1, -4], [1, 4]), tile([3, 0], [5, 0]), tile([2, 2], [2, 2], 7), null];
    const rows = mapRows(tiles, [null, 0, 0, 0]);
    expect(rows.map(({ sign, part, limit }) => [sign, part, limit])).toEqual([
      ['signed', 'map', 4],
      ['signed', 'difference', 4],
      ['magnitude', 'map', 5],
      ['magnitude', 'difference', 4],
    ]);
    expect(rows.map(({ values }) => values.map((map) => map && [...map]))).toEqual([
      [[1, -4], [3, 0], [2, 2], null],
      [null, [2, 4], null, null],
      [[1, 4], [5, 0], [2, 2], null],
      [null, [4, -4], null, null],
    ]);
  });

  test('maps of nothing but zeros have a scale', () => {
    expect(mapRows([tile([0], [0])], [null]).map(({ limit }) => limit)).toEqual([1, 1, 1, 1]);
  });
});

describe('pictures of many maps', () => {
  test('hold every map as a tile, painted by the scale of its row', () => {
    const map = (start: number) => Float32Array.from({ length: 6 }, (_, i) => Math.sin(start + i));
    const rows = [
      { sign: 'magnitude', part: 'map', limit: 0.8, values: [map(0), null, map(1)] },
      { sign: 'magnitude', part: 'difference', limit: 0.5, values: [null, null, map(2)] },
    ] as const;
    const { raster, across, places } = paintSprite(rows, [2, 3]);
    expect([raster.width, raster.height, across]).toEqual([6, 4, 2]);
    expect(places).toEqual([
      [0, null, 1],
      [null, null, 2],
    ]);
    const tileAt = (place: number) => {
      const [top, left] = [2 * Math.floor(place / across), 3 * (place % across)];
      return [0, 1].flatMap((y) => [
        ...raster.data.subarray(3 * ((top + y) * 6 + left), 3 * ((top + y) * 6 + left + 3)),
      ]);
    };
    expect(tileAt(0)).toEqual([...paintMagnitude(map(0), 0.8)]);
    expect(tileAt(1)).toEqual([...paintMagnitude(map(1), 0.8)]);
    expect(tileAt(2)).toEqual([...paintSigned(map(2), 0.5)]);
  });

  test('are never larger than their format allows, however many maps there are', () => {
    for (const count of [1, 62, 1000, 4000]) {
      expect(tilesAcross(count) ** 2).toBeGreaterThanOrEqual(count);
      expect(tilesAcross(count) * longestTile(count)).toBeLessThanOrEqual(16383);
    }
    expect(longestTile(62)).toBeGreaterThan(512);
  });
});

test('maps are found by sample id, reduced as their explainer says, and shrunk', () => {
  const values = ndArray('n h w c', [2, 2, 2, 2], floats(9, 9, 9, 9, 9, 9, 9, 9, 1, -3, 2, 2, 0, 0, -1, -1));
  const attributions: Attributions = {
    ...{ values, reduction: 'sum-abs', ids: ['a', 'b'], classIndex: [3, 4], method: 'toy', diagnostics: {} },
  };
  const [none, found] = tileMaps(attributions, ['c', 'b'], [1, 2]);
  expect(none).toBeNull();
  expect(found).toEqual({ maps: { signed: floats(-1, 1), magnitude: floats(2, 3) }, classIndex: 4 });
  expect(tileMaps({ ...attributions, reduction: 'sum' }, ['b'], [1, 2])[0]!.maps.magnitude).toEqual(floats(1, 3));
});

type AttributionEntry = Entry<Labelled<Attributions>>;
const axes = {
  ...{ sparsity: 'sparsity', seed: 'seed', draw: 'draw', explainer: 'explainer', arm: 'arm', treatment: 'pruned' },
  ...{ control: null, definition: 'definition', defaultDefinition: 'default' },
};

function entryOf(labels: Record<string, string | number>, load?: AttributionEntry['load']): AttributionEntry {
  const text = Object.entries(labels).map((pair) => pair.join('='));
  const origin = { instance: `explain[${text}]`, node: 'explain', use: 'toy/explain', labels };
  return { origin, load: load ?? (() => Promise.reject(new Error('read without need'))) };
}

function modelAt(arm: string, sparsity: number): ModelRecord {
  const origin = { instance: `prune[${arm},${sparsity}]`, node: 'prune', use: 'toy/prune', labels: { arm, sparsity } };
  // What a model is found and ordered by; nobody looks at the rest.
  const record = { origin, nominal: sparsity, counted: sparsity, isMatched: false, arm, variant: arm };
  return {
    ...record,
    summary: { networkDigest: sparsity === 0 ? 'dense' : origin.instance },
  } as unknown as ModelRecord;
}

describe('the models shown', () => {
  const models = ['random', 'pruned'].flatMap((arm) => [0.5, 0].map((sparsity) => modelAt(arm, sparsity)));
  const entries = models.flatMap(({ origin }) =>
    ['ig', 'vg'].flatMap((explainer) => [2, 1].map((draw) => entryOf({ ...origin.labels, explainer, draw }))),
  );

  test('are dense once, then the treatment, then its controls; of several draws the first', () => {
    const { models: shown, entriesOf } = shownMaps(entries, models, axes, ({ origin }) =>
      String(origin.labels.explainer),
    );
    expect(shown.map(({ model, arm, dense }) => [model!.counted, arm, dense])).toEqual([
      [0, null, null],
      [0.5, 'pruned', 0],
      [0.5, 'random', 0],
    ]);
    expect([...entriesOf.keys()]).toEqual(['ig', 'vg']);
    for (const own of entriesOf.values()) expect(own.map((entry) => entry!.origin.labels.draw)).toEqual([1, 1, 1]);
  });

  test('are held against the dense model of their own arm, where arms have several', () => {
    const apart = models.map((model): ModelRecord => {
      const summary = { ...model.summary, networkDigest: model.origin.instance };
      return { ...model, summary };
    });
    const { models: shown } = shownMaps(entries, apart, axes, () => 'ig');
    expect(shown.map(({ model, arm, dense }) => [model!.counted, arm, dense])).toEqual([
      [0, 'pruned', null],
      [0.5, 'pruned', 0],
      [0, 'random', null],
      [0.5, 'random', 2],
    ]);
  });

  test('have no difference where there is no dense model', () => {
    const pruned = models.filter(({ counted }) => counted > 0);
    const of = entries.filter(({ origin }) => origin.labels.sparsity !== 0);
    expect(shownMaps(of, pruned, axes, () => 'ig').models.map(({ dense }) => dense)).toEqual([null, null]);
  });
});

test('images that any explainer explained can be browsed; one attribution of each method is read for that', async () => {
  let read = 0;
  const explaining = (ids: readonly string[], name: string) => async () => {
    read++;
    return { ids, label: { name } } as unknown as Labelled<Attributions>; // what is looked at
  };
  const entries = [0, 0.5].flatMap((sparsity) => [
    entryOf({ sparsity, method: 'a' }, explaining(['1', '3'], 'A')),
    entryOf({ sparsity, method: 'b' }, explaining(['0'], 'B')),
  ]);
  const { indices, explainerOf } = await readExplained(entries, { ids: ['0', '1', '2', '3'] }, axes);
  expect(indices).toEqual([0, 1, 3]);
  expect(entries.map(explainerOf)).toEqual(['A', 'B', 'A', 'B']);
  expect(read).toBe(2);
});
