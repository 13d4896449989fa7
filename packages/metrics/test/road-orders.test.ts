import {
  type Attributions,
  createFrom,
  type Measurement,
  type Model,
  ndArray,
  plainServices,
  randomStream,
  type Split,
} from '@espalier/core';
import { splitOf, toyModel } from '@espalier/core/testing';
import { road, roadPresets } from '@espalier/metrics';
import { expect, test } from 'vitest';
import { imputeDense } from './dense-imputation.ts';

const side = 6;
const pixels = side * side;
const count = 12;
const classes = 3;
const levels = [0, 10, 35, 60, 90];

/** Random images, and a model whose logits are sums of them by random weights. */
function study() {
  const stream = randomStream(11, 'road-orders');
  const uniform = (length: number) => Float32Array.from({ length }, () => stream.uniform());
  const data = uniform(count * pixels * 3);
  const weights = Float32Array.from({ length: classes * pixels * 3 }, () => stream.normal());
  const labels = Array.from({ length: count }, (_, i) => i % classes);
  const images = splitOf(ndArray('n h w c', [count, side, side, 3], data), labels, ['a', 'b', 'c']);
  return { images, weights, maps: Float32Array.from({ length: count * pixels }, () => stream.normal()) };
}

/** What the model computes: logit k is the sum of weight times pixel. */
function logitsOf(image: Float32Array, weights: Float32Array): number[] {
  return Array.from({ length: classes }, (_, k) =>
    image.reduce((sum, value, i) => sum + value * weights[k * image.length + i]!, 0),
  );
}

function modelOf(weights: Float32Array): Model {
  return {
    ...toyModel(classes),
    predict: async ({ data, shape }) => {
      const size = data.length / shape[0]!;
      const each = Array.from({ length: shape[0]! }, (_, n) => data.subarray(n * size, (n + 1) * size));
      return ndArray('n k', [each.length, classes], Float32Array.from(each.flatMap((one) => logitsOf(one, weights))));
    },
  };
}

function mapsOf(images: Split, data: Float32Array): Attributions {
  const values = ndArray('n h w c', [images.ids.length, images.height, images.width, 1], data);
  return { values, reduction: 'sum', ids: images.ids, classIndex: images.labels, method: 'toy/map', diagnostics: {} };
}

async function scores(options: object, model: Model, images: Split, maps: Float32Array) {
  const metric = await createFrom(
    road,
    { noise: 0, tolerance: 1e-5, percentages: levels, ...options },
    plainServices(),
  );
  const found = await metric.measure({ model, images, attributions: mapsOf(images, maps) });
  return new Map(found.map((scored) => [scored.metric, scored]));
}

/** What ROAD scores, written plainly: a dense solve, a sort and sums for each image and order. */
function slowly({ images, weights, maps }: ReturnType<typeof study>, image: Float32Array, i: number) {
  const label = images.labels[i]!;
  const map = [...maps.subarray(i * pixels, (i + 1) * pixels)];
  const random = (draw: number) => randomStream(0, 'random-order', images.ids[i]!, draw).shuffled([...map.keys()]);
  const rising = [...map.keys()].sort((a, b) => map[a]! - map[b]!);
  const softmaxes = (order: readonly number[]) =>
    levels.map((level) => {
      const gone = order.slice(0, Math.floor((pixels * level) / 100));
      const imputed = imputeDense(ndArray('h w c', [side, side, 3], image), gone);
      const logits = logitsOf(Float32Array.from(imputed), weights);
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
      return logits.map((logit) => Math.exp(logit) / total);
    });
  const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const best = (values: readonly number[]) => values.indexOf(Math.max(...values));
  const [most, least] = [softmaxes([...rising].reverse()), softmaxes(rising)];
  const randoms = [0, 1].map((draw) => softmaxes(random(draw)));
  const hit = (all: readonly number[][]) => all.map((one) => Number(best(one) === label));
  const own = (all: readonly number[][]) => all.map((one) => one[label]!);
  const area = (curve: readonly number[]) => average(curve.map((value) => curve[0]! - value));
  const chance = (of: typeof hit) => average(randoms.map((all) => area(of(all))));
  const first = best(most[0]!);
  return {
    isHit: first === label,
    'road-aopc': area(hit(most)),
    'road-probability-aopc': area(own(most)),
    'road-normalised-aopc': area(own(most)) / own(most)[0]!,
    'road-srg': average(own(least).map((value, level) => value - own(most)[level]!)) / own(most)[0]!,
    hits: average(hit(least).map((value, level) => value - hit(most)[level]!)),
    'road-aopc-minus-random': area(hit(most)) - chance(hit),
    'road-probability-aopc-minus-random': area(own(most)) - chance(own),
    'road-model-scope': average(randoms.flatMap((all) => all.slice(1).map((one) => one[first]!))),
  };
}

test('every score of every image is that of a dense solve, a sort and plain sums', async () => {
  const made = study();
  const { images, maps, weights } = made;
  const found = await scores({}, modelOf(weights), images, maps);
  const pictures = await images.images([...images.ids.keys()]);
  const names = [...found.keys()] as (keyof ReturnType<typeof slowly>)[];
  expect(names).toEqual([
    ...['road-aopc', 'road-probability-aopc', 'road-normalised-aopc', 'road-srg'],
    ...['road-aopc-minus-random', 'road-probability-aopc-minus-random', 'road-model-scope'],
  ]);
  let missed = 0;
  for (const [i, id] of images.ids.entries()) {
    const expected = slowly(made, pictures.data.subarray(i * pixels * 3, (i + 1) * pixels * 3), i);
    if (!expected.isHit) missed++;
    for (const name of names) {
      const { ids, values, comparedOn, definitions = [], omitted = [] } = found.get(name)!;
      const at = ids.indexOf(id);
      expect([name, at >= 0]).toEqual([name, expected.isHit || comparedOn === undefined]);
      if (at < 0) expect(omitted.flatMap((group) => group.ids)).toContain(id);
      else expect(values[at], `${name} of ${id}`).toBeCloseTo(expected[name] as number, 3);
      if (at >= 0 && name === 'road-srg') expect(definitions[0]!.values[at]).toBeCloseTo(expected.hits, 12);
    }
  }
  expect(missed).toBeGreaterThan(0);
  expect(missed).toBeLessThan(count);
});

/** Mean scores of maps that `of` makes of each pixel: 1 where it speaks for the label, 0 elsewhere, and a random number. */
async function planted(of: (evidence: number, noise: number) => number) {
  const many = 60;
  const stream = randomStream(3, 'planted-evidence');
  const data = Float32Array.from({ length: many * pixels * 3 }, () => stream.uniform());
  // A quarter of the pixels speaks for the label and nothing else does anything.
  const weights = new Float32Array(classes * pixels * 3);
  const evidence = Float32Array.from({ length: pixels }, (_, i) => (i % 4 === 0 ? 1 : 0));
  for (let i = 0; i < pixels * 3; i++) weights[i] = 0.3 * evidence[Math.floor(i / 3)]!;
  const bright = data.map((value, i) => (evidence[Math.floor(i / 3) % pixels] === 1 ? 0.7 + 0.3 * value : 0.3 * value));
  const images = splitOf(ndArray('n h w c', [many, side, side, 3], bright), Array(many).fill(0), ['a', 'b', 'c']);
  const maps = Float32Array.from({ length: many * pixels }, (_, i) => of(evidence[i % pixels]!, stream.normal()));
  const found = await scores({}, modelOf(weights), images, maps);
  const mean = ({ values }: Measurement) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return { gain: mean(found.get('road-srg')!), overChance: mean(found.get('road-probability-aopc-minus-random')!) };
}

test('a right map gains, its opposite loses as much, and a random map gains nothing', async () => {
  const right = await planted((evidence, noise) => evidence + 0.01 * noise);
  const wrong = await planted((evidence, noise) => -evidence + 0.01 * noise);
  const random = await planted((_, noise) => noise);
  expect(right.gain).toBeGreaterThan(0.1);
  expect(right.overChance).toBeGreaterThan(0.05);
  expect(wrong.gain / right.gain).toBeCloseTo(-1, 1);
  expect(wrong.overChance).toBeLessThan(-0.02);
  expect(Math.abs(random.gain)).toBeLessThan(0.1 * right.gain);
  expect(Math.abs(random.overChance)).toBeLessThan(0.1 * right.overChance);
});

test('a map that says nothing gains exactly nothing: both orders are one', async () => {
  const { images, weights } = study();
  const found = await scores({}, modelOf(weights), images, new Float32Array(count * pixels).fill(0.5));
  expect(new Set(found.get('road-srg')!.values)).toEqual(new Set([0]));
});

test('a model that is surer of everything has another area, and the same share of its start', async () => {
  const { images, weights, maps } = study();
  const model = modelOf(weights);
  // One class more takes the rest: every other probability is as before times `factor`.
  const scaled = (factor: number): Model => ({
    ...model,
    predict: async (given) => {
      const { data, shape } = await model.predict(given);
      const rows = Array.from({ length: shape[0]! }, (_, n) => [...data.subarray(classes * n, classes * (n + 1))]);
      const logs = rows.flatMap((row) => {
        const total = row.reduce((sum, logit) => sum + Math.exp(logit), 0);
        const shares = row.map((logit) => (factor * Math.exp(logit)) / total);
        return [...shares, 1 - factor].map(Math.log);
      });
      return ndArray('n k', [rows.length, classes + 1], Float32Array.from(logs));
    },
  });
  const [sure, unsure] = [await scores({}, scaled(0.9), images, maps), await scores({}, scaled(0.6), images, maps)];
  const share = (found: typeof sure, name: string) => {
    const { ids, values } = found.get(name)!;
    return new Map(ids.map((id, i) => [id, values[i]!]));
  };
  for (const name of ['road-srg', 'road-normalised-aopc']) {
    const [own, other] = [share(sure, name), share(unsure, name)];
    const both = [...own.keys()].filter((id) => other.has(id));
    expect(both.length).toBeGreaterThan(1);
    for (const id of both) expect(own.get(id), `${name} of ${id}`).toBeCloseTo(other.get(id)!, 5);
  }
  const areas = [sure, unsure].map((found) => share(found, 'road-probability-aopc'));
  for (const [id, area] of areas[0]!) expect(area).toBeCloseTo(1.5 * areas[1]!.get(id)!, 5);
});

test('random orders are those of the image and the seed, whatever the map and the model', async () => {
  const { images, weights, maps } = study();
  const other = modelOf(weights.map((weight) => -weight));
  const seen = async (model: Model, given: Float32Array, options: object = {}) => {
    const calls: Float32Array[] = [];
    const spy: Model = {
      ...model,
      predict: (levelled) => {
        calls.push(levelled.data.slice());
        return model.predict(levelled);
      },
    };
    await scores({ noise: 0.01, ...options }, spy, images, given);
    return calls.filter((_, call) => call % 4 >= 2); // after the most and the least relevant first
  };
  const own = await seen(modelOf(weights), maps);
  expect(own).toHaveLength(2 * count);
  expect(own[0]).not.toEqual(own[1]);
  expect(
    await seen(
      other,
      maps.map((value) => -value),
    ),
  ).toEqual(own);
  expect((await seen(other, maps, { noiseSeed: 1, noise: 0 }))[0]).not.toEqual(
    (await seen(other, maps, { noise: 0 }))[0],
  );
});

test('orders beside the most relevant first change none of its numbers', async () => {
  const { images, weights, maps } = study();
  const model = modelOf(weights);
  for (const options of [{ noise: 0.01 }, { noise: 0.01, preset: 'quantus-0.5.3', percentages: [1, 40] }]) {
    const [alone, both, all] = await Promise.all(
      ['morf', 'both', 'all'].map((orders) => scores({ ...options, orders }, model, images, maps)),
    );
    for (const [name, expected] of alone!) for (const more of [both, all]) expect(more!.get(name)).toEqual(expected);
    expect([...both!.keys()].filter((name) => !alone!.has(name))).toEqual(['road-srg']);
  }
});

test('quantus-0.5.3 is one curve alone', async () => {
  expect(roadPresets['quantus-0.5.3'].orders).toBe('morf');
  const { images, weights, maps } = study();
  const found = await scores({ preset: 'quantus-0.5.3', percentages: [1, 40] }, modelOf(weights), images, maps);
  expect([...found.keys()]).toEqual(['road-aopc', 'road-probability-aopc']);
});

test('models are compared on the images that all get right, unless each follows its own prediction', async () => {
  const { images, weights, maps } = study();
  const found = await scores({}, modelOf(weights), images, maps);
  const sets = [...found.values()].map(({ metric, comparedOn }) => [metric, comparedOn]);
  expect(sets.filter(([, set]) => set !== undefined)).toEqual([
    ['road-normalised-aopc', 'correct-by-all'],
    ['road-srg', 'correct-by-all'],
  ]);
  const own = (await scores({ target: 'prediction' }, modelOf(weights), images, maps)).get('road-srg')!;
  expect([own.comparedOn, own.omitted, own.ids.length]).toEqual([undefined, undefined, count]);
});

test('the reference of the differences is another score of the list', async () => {
  const { images, weights, maps } = study();
  const found = await scores({}, modelOf(weights), images, maps);
  expect(found.get('road-aopc-minus-random')!.difference).toEqual({ of: 'road-aopc', from: 'that of random orders' });
});
