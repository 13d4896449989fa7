import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { readStudy } from '../src/file/read-study.ts';
import { studySchema } from '../src/file/study-schema.ts';

/** A study with everything that a study may say. */
function wholeStudy() {
  return {
    apiVersion: 'study/v1',
    name: 'whole',
    seed: 1,
    plugins: { data: './data' },
    params: { levels: [0.5] },
    profiles: { small: { params: { levels: [0] }, compute: { engine: 'wasm' } } },
    compute: { inference: 'fast' },
    defaults: { timeout: '6h', resources: { memory: '4GiB', cores: 1, gpus: 0 } },
    maxInstances: 10,
    nodes: {
      data: { description: 'images', use: 'data/some', with: { a: 1 }, retry: { max: 1, backoff: '1s', on: ['oom'] } },
      arms: {
        use: { $axis: 'arm' },
        in: {
          one: { $from: 'data.train', at: { a: 1, b: [1, 'x'], c: { $param: 'p' } } },
          many: [{ $from: 'data.val' }],
        },
        matrix: {
          arm: ['data/other', { use: 'data/some', with: {}, label: 'some' }, { label: 'off', value: null }],
          level: { $param: 'levels' },
          flag: [true, { $param: 'flag' }],
          include: [{ arm: 'new', level: 1 }],
          exclude: [{ level: 1 }],
        },
        scan: { axis: 'step', over: [1, 2], carry: { one: 'train' }, zero: 0 },
        gather: ['a'],
        baseline: { axis: 'a', at: { $param: 'p' } },
        beside: { at: { arm: { $param: 'p' }, flag: 1 }, in: { other: 'train' } },
      },
    },
    outputs: { 'a.json': { $from: 'data.train', at: { a: [1] } } },
  };
}

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, item]) =>
    pathsOf(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return [path, ...inner];
}

/** `value` with something else, or nothing, at `path`. */
function changed(
  value: unknown,
  [key, ...rest]: Path,
  change: (at: Record<string | number, unknown>) => void,
): unknown {
  const copy = structuredClone(value) as Record<string | number, unknown>; // walked along one of its paths
  let at = copy;
  for (const step of [key!, ...rest].slice(0, -1)) at = at[step] as Record<string | number, unknown>; // the same
  change(at);
  return copy;
}

test('zod and the JSON Schema that is made of it agree on every change of a study', () => {
  const validate = new Ajv2020({ strict: false }).compile(z.toJSONSchema(studySchema, { io: 'input' }));
  const study = wholeStudy();
  expect([readStudy(study).problems, validate(study)]).toEqual([[], true]);
  const others = [null, true, -1, 1.5, '', 'a.b', '6 hours', [], [1], ['a'], {}, { $param: 'p' }, { $axis: 'a' }];
  const disagreements: unknown[] = [];
  const outcomes = { accepted: 0, refused: 0 };
  for (const path of pathsOf(study).slice(1)) {
    const last = path.at(-1)!;
    const changes = [
      ...others.map((other) => changed(study, path, (at) => Object.assign(at, { [last]: other }))),
      changed(study, path, (at) => (Array.isArray(at) ? at.splice(Number(last), 1) : Reflect.deleteProperty(at, last))),
      changed(study, path, (at) => Array.isArray(at) || Object.assign(at, { 'not known': 1 })),
    ];
    for (const value of changes) {
      const isAccepted = validate(value);
      if ((readStudy(value).whole !== undefined) !== isAccepted) disagreements.push(value);
      outcomes[isAccepted ? 'accepted' : 'refused']++;
    }
  }
  expect(disagreements).toEqual([]);
  expect(Math.min(outcomes.accepted, outcomes.refused)).toBeGreaterThan(100);
});

/** What a change of the study is told as: path and text. */
function toldOf(path: Path, value: unknown): readonly string[] {
  const { problems, whole } = readStudy(
    changed(wholeStudy(), path, (at) => Object.assign(at, { [path.at(-1)!]: value })),
  );
  expect(whole).toBeUndefined();
  return problems.map(({ place, text }) => `${'path' in place ? place.path.join('/') : ''}  ${text}`);
}

describe('what is misshapen is told where it is, as what was expected:', () => {
  test.each<readonly [path: Path, value: unknown, told: string]>([
    [['name'], 'my study', 'name  Expected name of the study: letters, digits, - and _; found "my study".'],
    [['nodes', 'data'], 3, 'nodes/data  Expected an object { } (a step of the study); found 3.'],
    [
      ['nodes', 'my node'],
      { use: 'data/some' },
      'nodes/my node  The name "my node" must match /^[A-Za-z][A-Za-z0-9_-]*$/.',
    ],
    [['nodes', 'data'], {}, 'nodes/data  "use" is missing: a plugin: "<alias>/<name>", or { "$axis": "explainer" }.'],
    [['nodes', 'data', 'mtrix'], {}, 'nodes/data/mtrix  There is no "mtrix" here. Did you mean "matrix"?'],
    [['nodes', 'data', 'with'], [], 'nodes/data/with  Expected an object { } (options of the plugin); found [].'],
    [
      ['nodes', 'data', 'timeout'],
      '6 hours',
      'nodes/data/timeout  Expected a length of time such as "6h": an attempt that takes longer is stopped; found "6 hours".',
    ],
    [
      ['nodes', 'data', 'retry', 'on', 0],
      'om',
      'nodes/data/retry/on/0  Expected one of "transient", "oom", "worker-lost", "timeout" (a kind of failure); found "om".',
    ],
    [['nodes', 'arms', 'in', 'one', 'form'], 1, 'nodes/arms/in/one/form  There is no "form" here. Known: $from, at.'],
    [
      ['nodes', 'arms', 'in', 'many', 0],
      'data.val',
      'nodes/arms/in/many/0  Expected an object { } (an edge: { "$from": "data.train" }); found "data.val".',
    ],
    [
      ['nodes', 'arms', 'scan', 'over'],
      3,
      'nodes/arms/scan/over  Expected the values of the axis in order: a list; found 3.',
    ],
    [
      ['nodes', 'arms', 'matrix', 'level'],
      { use: 'a' },
      'nodes/arms/matrix/level/use  There is no "use" here. Known: $param.',
    ],
    [
      ['outputs', 'a.json'],
      'data.train',
      'outputs/a.json  Expected an object { } (an edge: { "$from": "report.report.html" }); found "data.train".',
    ],
    [
      ['compute', 'engine'],
      'gpu',
      'compute/engine  Expected one of "auto", "tensorflow", "wasm" (what computes; auto takes the fastest found); found "gpu".',
    ],
  ])('%j as %j', (path, value, told) => {
    expect(toldOf(path, value)).toContain(told);
  });
});

test('what is well formed beside it is read', () => {
  const study: Record<string, unknown> = { ...wholeStudy(), sede: 1, compute: 3 };
  Object.assign(study.nodes as object, { bad: 3 });
  Object.assign(study.outputs as object, { 'b.json': 'data.train' });
  const read = readStudy(study);
  expect(read.problems).toHaveLength(4);
  expect(Object.keys(read.parts.nodes ?? {})).toEqual(['data', 'arms']);
  expect(Object.keys(read.parts.outputs ?? {})).toEqual(['a.json']);
  expect(read.parts.compute).toBeUndefined();
  expect([...read.nodes].map(([name, { isWellFormed }]) => [name, isWellFormed])).toEqual([
    ['data', true],
    ['arms', true],
    ['bad', false],
  ]);
  expect([read.isLeftOut('compute'), read.isLeftOut('outputs', 'b.json'), read.isLeftOut('outputs')]).toEqual([
    true,
    true,
    false,
  ]);
});
