import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NdArray, ndArray, type PlanKnowledge, plainServices, StudyError, type Weights } from '@espalier/core';
import { openEngine } from '@espalier/engine';
import { writeSafetensors } from '@espalier/formats';
import { parametersOf } from '@espalier/nn';
import {
  architecturePlugin,
  atLeast,
  GraphBuilder,
  initialWeights,
  type MadeFor,
  startOptions,
  usualInitial,
} from '@espalier/nn/architectures';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';

const folder = mkdtempSync(join(tmpdir(), 'espalier-start-'));
afterAll(() => rmSync(folder, { recursive: true }));
const lines: string[] = [];
const compute = { engine: 'wasm', inference: 'exact', training: 'exact' } as const;
const services = plainServices({ folder, compute, log: (line) => lines.push(line) });

/** Position by position, as many as the images have rows: weights are for one size. */
function network({ height, width, classes }: MadeFor) {
  const graph = new GraphBuilder();
  const map = graph.convolution('body.conv', graph.images, 4, { kernel: 3, padding: 1 });
  const places = graph.parameter('places', [height, width, 4], 'embedding');
  const sum = graph.sum('sum', map, places);
  return graph.network('tiny', graph.dense('fc', graph.globalMean('pool', sum), classes), ['sum']);
}

const plugin = architecturePlugin({
  name: 'tiny',
  cacheVersion: '1',
  source: { title: 'a test', url: 'https://example.org', departures: [] },
  options: z.strictObject(startOptions),
  images: atLeast(4, 'A tiny network'),
  network: (_, made) => network(made),
  initial: usualInitial,
  otherNames: [{ of: 'elsewhere', nameOf: (name) => name.replace('body.', 'stem.').replace('fc.', 'out.') }],
  sizeOf: (shapeOf) => {
    const [height, width] = shapeOf('places') ?? [];
    return height !== undefined && width !== undefined ? { height, width } : undefined;
  },
});

const made = { height: 4, width: 6, classes: 5 };
const weights = initialWeights(parametersOf(network(made)), usualInitial, 1);
const options = { weights: 'weights.safetensors', head: 'weights' } as const;
const fresh = { ...options, head: 'new' } as const;

function write(content: Weights): void {
  lines.length = 0;
  writeFileSync(join(folder, 'weights.safetensors'), writeSafetensors(content));
}

async function started(
  asked: { weights: string; head: 'weights' | 'new' },
  { height, width, classes } = made,
  seed = 0,
) {
  const input = { height, width, channels: 3, mean: [0, 0, 0], std: [1, 1, 1] };
  const factory = await plugin.create(asked, services);
  const names = Array.from({ length: classes }, (_, k) => `class ${k}`);
  using model = await factory.create({ input, classes: names }, seed);
  return model.weights();
}

function found(asked: { weights: string | null; head: 'weights' | 'new' }, { height, width, classes } = made) {
  const known: PlanKnowledge<typeof asked> = {
    folder,
    images: { height, width, classes: Array.from({ length: classes }, (_, k) => `class ${k}`) },
  };
  return plugin.check!(asked, known);
}

function renamed(entries: Weights, name: (key: string) => string): Weights {
  return new Map([...entries].map(([key, array]): [string, NdArray] => [name(key), array]));
}

describe('a new head', () => {
  test('replaces that of a file for another number of classes; all else is the file’s', async () => {
    write(weights);
    const three = await started(fresh, { ...made, classes: 3 });
    expect([...three.keys()]).toEqual([...weights.keys()]);
    expect(three.get('body.conv.weight')).toEqual(weights.get('body.conv.weight'));
    expect(three.get('fc.weight')!.shape).toEqual([3, 4]);
    expect(lines).toEqual(['weights.safetensors: the weights of "fc" are left out, as "head": "new" asks']);
  });

  test('is the one that training without a file starts from, by the seed, whatever the file has', async () => {
    write(weights);
    const same = await started(fresh, made, 1);
    expect(same.get('fc.weight')).toEqual(weights.get('fc.weight'));
    expect((await started(fresh, made, 2)).get('fc.weight')).not.toEqual(weights.get('fc.weight'));
    write(new Map([...weights].filter(([name]) => !name.startsWith('fc.'))));
    expect(await started(fresh, made, 1)).toEqual(same);
  });

  test('is another model than the same file with its head, and draws', () => {
    expect(plugin.drawsNothing!(options)).toBe(true);
    expect(plugin.drawsNothing!(fresh)).toBe(false);
    expect(found(fresh, { ...made, classes: 3 })).toEqual([]);
  });

  test('without a file is asked for in vain', () => {
    expect(found({ weights: null, head: 'new' })).toMatchObject([{ path: ['head'] }]);
  });

  test('is no excuse for other weights that are missing', async () => {
    write(new Map([...weights].filter(([name]) => name.startsWith('fc.'))));
    await expect(started(fresh)).rejects.toThrow('"body.conv.weight" is missing');
  });
});

describe('what a file is not for is told by a plan, as by a run', () => {
  test.each([
    {
      what: 'classes',
      data: { ...made, classes: 2 },
      path: ['head'],
      text: 'They tell 5 classes apart, the data has 2. Set "head" to "new"',
    },
    {
      what: 'images',
      data: { ...made, height: 8 },
      path: ['weights'],
      text: 'They are for images of 4 x 6 pixels, the data has 8 x 6.',
    },
  ])('other $what', async ({ data, path, text }) => {
    write(weights);
    expect(found(options, data)).toEqual([{ path, text: expect.stringContaining(`weights.safetensors: ${text}`) }]);
    const error = await started(options, data).catch((each: unknown) => each);
    expect(StudyError.is(error) && error.code).toBe('core/weights-mismatch');
    expect(String(error)).toContain(`weights.safetensors: ${text}`);
  });

  test.each([
    ['nothing', '', 'but it is an empty file; copy or download it again'],
    ['too little', '\x01\0\xff\0\x01', 'its first 8 bytes must give the length of a header inside its 5 bytes'],
    [
      'anything',
      '\x9f\0\xff\x92'.repeat(2500),
      'its first 8 bytes must give the length of a header inside its 10000 bytes',
    ],
    ['what is no JSON', `\x02${'\0'.repeat(7)}}{`, 'its header must be JSON'],
    [
      'what was cut off',
      `\x30${'\0'.repeat(7)}{"a":{"dtype":"F32","shape":[9],`,
      'must give the length of a header inside',
    ],
    [
      'a PyTorch file',
      '\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.',
      'Convert it in Python: safetensors.torch.save_file',
    ],
  ])('%s instead of a safetensors file', async (_what, content, text) => {
    writeFileSync(join(folder, 'weights.safetensors'), content, 'latin1');
    const findings = [{ path: ['weights'], text: expect.stringContaining(text) }];
    expect(found(options)).toEqual(findings);
    expect(plugin.check!(options, { folder })).toEqual(findings); // whatever images there are
    await expect(started(options)).rejects.toThrow(text);
  });
});

describe('other names', () => {
  const elsewhere = (name: string) => name.replace('body.', 'stem.').replace('fc.', 'out.');

  test('are read, and said', async () => {
    write(renamed(weights, elsewhere));
    expect(await started(options)).toEqual(weights);
    expect(lines).toContain("weights.safetensors: the names of elsewhere are read as torchvision's");
    expect(found(options, { ...made, classes: 2 })).toHaveLength(1);
  });

  test('stand behind wrappers, too', async () => {
    write(renamed(weights, (name) => `module.${elsewhere(name)}`));
    expect(await started(options)).toEqual(weights);
  });

  test('are those of errors', async () => {
    const other = renamed(weights, elsewhere);
    write(new Map([...other].filter(([name]) => name !== 'out.bias')));
    await expect(started(options)).rejects.toThrow('"out.bias" is missing');
    write(new Map(other).set('stem.conv.weight', ndArray('o i h w', [4, 3, 1, 1])));
    await expect(started(options)).rejects.toThrow(
      '"stem.conv.weight" must have the shape [4, 3, 3, 3], found [4, 3, 1, 1]',
    );
  });

  test('are not mixed with those used here', async () => {
    write(renamed(weights, (name) => (name.startsWith('fc.') ? elsewhere(name) : name)));
    await expect(started(options)).rejects.toThrow(StudyError);
  });
});

test('nothing stays on the device', async () => {
  expect((await openEngine(compute)).live).toBe(0);
});
