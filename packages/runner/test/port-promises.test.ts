import { apiVersion, declaredPlugins, type Plugin, type Plugins, plainServices } from '@espalier/core';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { plugins } from './toy-plugins.ts';
import { runToy, smallStudy } from './toy-study.ts';

/** What a toy plugin creates, as a program without types sees it. */
type Port = Readonly<Record<string, (...asked: readonly never[]) => Promise<Readonly<Record<string, unknown>>>>>;

const toys: Plugins = plugins;
const bad: Plugin[] = [];

/** Adds a plugin that is the toy `name` but for `change`; returns what a study calls it. */
function broken(name: string, title: string, change: (port: Port) => object): string {
  const toy = toys.find((plugin) => plugin.name === name)!; // a toy of this file's choice
  const { files: _, ...rest } = toy;
  bad.push({
    ...rest,
    name: title,
    options: z.strictObject({}),
    create: async () => {
      const options = toy.options.parse(name === 'first' ? { sparsity: 0.5 } : {});
      const port = await toy.create(options, plainServices());
      return { ...port, ...change(port as unknown as Port) } as never; // broken on purpose
    },
  } as Plugin);
  return `toy/${title}`;
}

const on = { model: { $from: 'dense.model' }, images: { $from: 'data.eval' } };
const trained = { model: { $from: 'dense.model' }, data: { $from: 'data.train' } };
const nodes: Record<string, object> = {};
const expected: Record<string, string> = {};

function add(node: string, use: string, inputs: object, found: string): void {
  nodes[node] = { use, in: inputs };
  expected[node] = found;
}

const bank = (change: object) => (port: Port) => ({
  extract: async (...asked: readonly never[]) => ({ ...(await port.extract!(...asked)), ...change }),
});
const split = (change: object) => (port: Port) => ({
  split: (part: never) => ({ ...(port.split!(part) as object), ...change }),
});

add(
  'reduction',
  broken('gradient', 'mean-reduction', () => ({ reduction: 'mean' })),
  on,
  '"reduction" to be one of "sum"',
);
add(
  'maps',
  broken('gradient', 'no-maps', () => ({ explain: async () => ({ values: [], diagnostics: {} }) })),
  on,
  'float32 data, shape and axes; found a list of 0',
);
add(
  'codes',
  broken('one', 'negative', bank({ codes: { axes: 'p r', shape: [1, 1], data: Float32Array.of(-1) } })),
  on,
  'values of at least 0 in "codes"; found -1',
);
add('class', broken('one', 'other-class', bank({ classIndex: 9 })), on, '"classIndex" to be one of 0; found 9');
add(
  'masks',
  broken('first', 'grey-masks', () => ({ mask: async () => new Map([['conv.weight', new Uint8Array(60).fill(2)]]) })),
  trained,
  'bytes that are 0 or 1; found 2 at index 0',
);
add(
  'level',
  broken('first', 'percent', () => ({ sparsity: 50 })),
  trained,
  '"sparsity" to be a fraction in [0, 1); found 50',
);
add(
  'architecture',
  broken('tiny', 'nameless', () => ({ architecture: '' })),
  { data: { $from: 'data.train' } },
  '"architecture" to be a text',
);
add(
  'network2',
  broken('tiny', 'two-classes', (port) => ({
    create: async (...asked: readonly never[]) => ({ ...(await port.create!(...asked)), classes: ['a', 'b'] }),
  })),
  { data: { $from: 'data.train' } },
  'the 3 classes that it was made for; found "a, b"',
);
add(
  'labels',
  broken('noise', 'wrong-labels', split({ labels: [0, 1, 2, 0, 1, 7] })),
  {},
  'whole numbers from 0 to 2; found 7 for "toy/5"',
);
add(
  'stripes',
  broken(
    'noise',
    'bytes',
    split({ images: async () => ({ axes: 'n h w c', shape: [6, 8, 8, 3], data: new Uint8Array(1152) }) }),
  ),
  {},
  '',
);
add(
  'files',
  broken('list', 'paths', () => ({ write: async () => new Map([['../list.txt', Buffer.from('x')]]) })),
  { images: { $from: 'data.eval' } },
  'plain names',
);
add(
  'text',
  broken('list', 'texts', () => ({ write: async () => new Map([['list.txt', 'text']]) })),
  { images: { $from: 'data.eval' } },
  'bytes (a Uint8Array); found "text"',
);

test.each<readonly [change: object, found: string]>([
  [{ files: 'list.txt' }, 'has "files" that are not a list of file names'],
  [{ files: [''] }, 'has "files" that are not a list of file names'],
  [{ imageSize: { height: 8 } }, 'has an "imageSize" that is not a function'],
  [{ memory: 3 }, 'has a "memory" that is not a function'],
  [{ fingerprint: 'abc' }, 'has a "fingerprint" that is not a function'],
  [{ fileForms: { onnx: () => {} } }, 'has "fileForms" that are not functions by endings such as ".onnx"'],
  [{ usesSeed: 'mine' }, 'has a "usesSeed" that is neither true nor false, nor "paired": "mine"'],
  [{ banks: { codes: 'both' } }, 'has "banks" that are "codes" "both", which is none of "non-negative", "signed"'],
  [{ needsBanks: true }, 'has "needsBanks" that are not an object: true'],
  [{ diagnostics: ['delta'] }, 'has "diagnostics" that are not words by name: '],
  [{ diagnostics: { delta: 1 } }, 'has "diagnostics" that are not words by name: '],
  [{ needsData: 'train' }, 'has a "needsData" that is neither true nor false: "train"'],
  [
    { source: { title: 'a', url: 'b', departures: 'none' } },
    'has a "source" with "departures" that are not a list of texts',
  ],
])('a plugin that declares %j is refused with its package', (change, found) => {
  const list = plugins.find(({ name }) => name === 'list')!;
  expect(() => declaredPlugins({ apiVersion, plugins: [{ ...list, ...change }] }, 'a-package')).toThrow(
    `entry 0 of its "plugins" ("list") ${found}`,
  );
});

test('a class that is named twice is refused', async () => {
  const study = smallStudy((changed) => {
    Object.assign(changed.nodes as object, { twice: { use: 'toy/one', in: on, with: { classes: ['class 1', 1] } } });
  });
  const { failures } = await runToy(temporaryFolder(), study);
  expect([...failures]).toMatchObject([
    [
      'twice[seed=0]',
      {
        code: 'core/options-invalid',
        text: 'toy/one: the option "classes" names the class "class 1" twice, by "class 1" and 1. Name every class once.',
      },
    ],
  ]);
});

test('what breaks a promise of its port fails by name, before anything is stored or another sees it', async () => {
  const study = smallStudy((changed) => {
    changed.params = { levels: [0.5], seeds: [0], epochs: 1 };
    Object.assign(changed.nodes as object, nodes, {
      // Its split opens; its images are no float32, which shows where they are looked at.
      seen: { use: 'toy/gradient', in: { model: { $from: 'dense.model' }, images: { $from: 'stripes.eval' } } },
    });
  });
  const packages = new Map([['toy-plugins', { apiVersion, plugins: [...plugins, ...bad] }]]);
  const { status, failures } = await runToy(temporaryFolder(), study, { packages });
  expect(status).toBe('failed');
  const told = (node: string) => {
    const found = [...failures].find(([id]) => id.split('[')[0] === node)?.[1];
    return found && 'code' in found ? `[${found.code}] ${found.text}` : `${node} did not fail`;
  };
  const { stripes: _, ...failing } = expected;
  for (const [node, found] of Object.entries(failing)) {
    expect(told(node)).toContain(found);
    expect(told(node)).toMatch(
      /^\[core\/plugin-invalid\] toy(-plugins)?\/[a-z-]+ does not keep the promises of its port/,
    );
  }
  expect(told('seen')).toContain('toy-plugins/bytes does not keep the promises of its port');
  expect(told('seen')).toContain('found data that is a Uint8Array');
  expect([...failures.keys()].map((id) => id.split('[')[0]).sort()).toEqual([...Object.keys(failing), 'seen'].sort());
});
