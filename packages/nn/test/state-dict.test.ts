import { type NdArray, ndArray, StudyError, type Weights } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { engines, slowOps } from '../../engine/test/support/index.ts';
import { parametersOf } from '../src/graph/parameters.ts';
import { networkModel } from '../src/model/network-model.ts';
import { readStateDict } from '../src/state-dict/read-state-dict.ts';
import { smallClasses, smallInput, smallNetwork, smallWeights } from './small-network.ts';

const parameters = parametersOf(smallNetwork);
const weights = smallWeights();

function read(tensors: Weights, types: Readonly<Record<string, string>> = {}) {
  const lines: string[] = [];
  const dtypes = new Map([...tensors.keys()].map((name) => [name, types[name] ?? 'F32']));
  const found = readStateDict({ tensors, dtypes }, parameters, { name: 'w', log: (line) => lines.push(line) });
  return { found, lines };
}

function renamed(change: (name: string) => string, tensors: Weights = weights): Map<string, NdArray> {
  return new Map([...tensors].map(([name, array]) => [change(name), array]));
}

const refused = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

describe('names that wrappers changed', () => {
  test('names that fit stay as they are, and nothing is said', () => {
    const { found, lines } = read(weights);
    expect(found).toEqual(weights);
    expect(lines).toEqual([]);
  });

  test.each([
    'module.',
    'model.',
    '_orig_mod.',
    'module._orig_mod.model.',
    'net.backbone.',
    'state_dict.',
    'a.', // also the name of a block of the network
    '_fsdp_wrapped_module._checkpoint_wrapped_module.',
  ])('%s before every name', (prefix) => {
    const { found, lines } = read(renamed((name) => prefix + name));
    expect(found).toEqual(weights);
    expect(lines).toEqual([
      `w: wrappers are left off the names; "${prefix}stem.conv.weight" is read as "stem.conv.weight"`,
    ]);
  });

  test('_orig_mod inside of names, where one layer was compiled', () => {
    const { found } = read(renamed((name) => name.replace('a.1.', 'a.1._orig_mod.')));
    expect(found).toEqual(weights);
  });

  test('more beside the network is named, not dropped', () => {
    const more = renamed((name) => `module.${name}`).set('n_averaged', ndArray('', []));
    expect(() => read(more)).toThrow(
      refused('core/weights-mismatch', 'under "module." and 1 more beside it, such as "n_averaged"'),
    );
  });

  test('two networks are not chosen between', () => {
    const both = new Map([...renamed((name) => `model.${name}`), ...renamed((name) => `ema.${name}`)]);
    expect(() => read(both)).toThrow(
      refused('core/weights-mismatch', 'several networks: under "model." and under "ema."'),
    );
  });

  test('two names that become one are refused', () => {
    const both = new Map(weights).set('_orig_mod.head.bias', ndArray('o', [3]));
    expect(() => read(both)).toThrow(
      refused('core/weights-mismatch', '"head.bias" and "_orig_mod.head.bias" both stand for'),
    );
  });

  test('names of another network stay, for the model to list', () => {
    const other = new Map([['features.0.weight', ndArray('o', [1])]]);
    expect([...read(other).found.keys()]).toContain('features.0.weight');
  });
});

describe('counts of batches', () => {
  test('that are missing are 0, and it is said', () => {
    const without = new Map([...weights].filter(([name]) => !name.endsWith('num_batches_tracked')));
    const { found, lines } = read(without);
    expect(found.get('stem.norm.num_batches_tracked')).toEqual(ndArray('', []));
    expect(new Set(found.keys())).toEqual(new Set(weights.keys()));
    expect(lines).toEqual(['w: 6 of 6 counts of batches are missing; 0, nothing computes with them']);
  });

  test('of one axis, as PyTorch before 0.4 had them', () => {
    const count = ndArray('o', [1], Float32Array.of(9));
    const { found, lines } = read(new Map(weights).set('stem.norm.num_batches_tracked', count));
    expect(found.get('stem.norm.num_batches_tracked')).toEqual(ndArray('', [], Float32Array.of(9)));
    expect(lines).toEqual([]);
  });
});

describe('torch.nn.utils.prune', () => {
  const original = ndArray(
    'o i',
    [3, 6],
    Float32Array.from({ length: 18 }, (_, i) => i + 1),
  );
  const mask = ndArray(
    'o i',
    [3, 6],
    Float32Array.from({ length: 18 }, (_, i) => i % 2),
  );
  const rest = new Map([...weights].filter(([name]) => name !== 'head.weight'));
  const pruned = new Map(rest).set('head.weight_orig', original).set('head.weight_mask', mask);

  test('a mask is applied, and it is said', () => {
    const { found, lines } = read(pruned);
    expect([...found.get('head.weight')!.data]).toEqual([...original.data].map((value, i) => (i % 2 ? value : 0)));
    expect(new Set(found.keys())).toEqual(new Set(weights.keys()));
    expect(lines).toEqual([
      'w: 1 mask of torch.nn.utils.prune applied (weight = weight_orig x weight_mask); 50.0 % of the weights under them are 0, and training may change them',
    ]);
  });

  test('under a prefix, and for a bias', () => {
    const bias = weights.get('head.bias')!;
    const both = new Map([...pruned].filter(([name]) => name !== 'head.bias'))
      .set('head.bias_orig', bias)
      .set('head.bias_mask', ndArray('o', [3], Float32Array.of(1, 0, 1)));
    const { found } = read(renamed((name) => `module.${name}`, both));
    expect([...found.get('head.bias')!.data]).toEqual([bias.data[0], 0 * bias.data[1]!, bias.data[2]]);
  });

  test.each([
    ['a mask alone', new Map(rest).set('head.weight_mask', mask), '"head.weight_orig" is missing'],
    ['a weight without its mask', new Map(rest).set('head.weight_orig', original), '"head.weight_mask" is missing'],
    ['both, and the weight', new Map(pruned).set('head.weight', original), 'Which one is meant cannot be told'],
    [
      'another shape',
      new Map(pruned).set('head.weight_mask', ndArray('o', [18])),
      'must have the shape of "head.weight_orig", [3, 6]; found [18]',
    ],
  ])('%s is refused', (_, tensors, text) => {
    expect(() => read(tensors)).toThrow(refused('core/weights-mismatch', text));
  });
});

test.each([
  ['head.parametrizations.weight.original0', 'remove_parametrizations'],
  ['head.weight_g', 'remove_weight_norm'],
  ['head.weight_u', 'remove_spectral_norm'],
])('%s is recognised, with what to do', (name, remedy) => {
  const rest = new Map([...weights].filter(([key]) => key !== 'head.weight'));
  rest.set(name, ndArray('o', [1])).set('head.weight_orig', weights.get('head.weight')!);
  if (!name.endsWith('_u')) rest.delete('head.weight_orig');
  expect(() => read(rest)).toThrow(refused('core/weights-mismatch', remedy));
});

test.each(['I8', 'U8', 'I64', 'BOOL'])('weights of the type %s are refused by name', (dtype) => {
  expect(() => read(weights, { 'a.1.conv.weight': dtype })).toThrow(
    refused('core/weights-mismatch', `"a.1.conv.weight" holds values of the type ${dtype}`),
  );
});

test('counts and masks may be whole numbers, weights any float', () => {
  const types = { 'stem.norm.num_batches_tracked': 'I64', 'head.weight': 'F8_E4M3', 'head.bias': 'BF16' };
  expect(read(weights, types).found).toEqual(weights);
});

describe.each([{ name: 'plain loops', ops: slowOps(), reason: '' }, ...engines])('on $name$reason', ({ ops }) => {
  const make = (name: string, value: number) => {
    const changed = { ...weights.get(name)!, data: weights.get(name)!.data.with(1, value) };
    const parts = { network: smallNetwork, spec: { input: smallInput, classes: smallClasses }, history: [] };
    const compute = { inference: 'exact', training: 'exact' } as const;
    return networkModel({
      ops: ops!,
      compute,
      ...parts,
      weights: new Map(weights).set(name, changed),
      masks: new Map(),
    });
  };

  test.skipIf(!ops).each([-0.5, -1e-30])('a variance of %d is refused by name', (value) => {
    const text = `"a.1.norm.running_var" must hold variances, which are 0 or more; found ${Math.fround(value)} at index 1 of 4`;
    expect(() => make('a.1.norm.running_var', value)).toThrow(refused('core/weights-mismatch', text));
  });

  test.skipIf(!ops)('a variance of 0 and of -0 is none below 0', () => {
    for (const value of [0, -0]) expect(() => make('a.1.norm.running_var', value)[Symbol.dispose]()).not.toThrow();
  });

  test.skipIf(!ops).each(['a.1.norm.running_var', 'head.bias', 'stem.conv.weight', 'b.0.norm.running_mean'])(
    'NaN and infinity in %s are refused by name',
    (name) => {
      for (const value of [Number.NaN, Number.NEGATIVE_INFINITY]) {
        expect(() => make(name, value)).toThrow(
          refused('core/values-not-finite', `The parameter "${name}": expected finite numbers`),
        );
      }
    },
  );

  test.skipIf(!ops)('weights that take the place of others are checked, too', async () => {
    using model = make('a.1.norm.running_var', 0.5);
    const variance = weights.get('b.2.norm.running_var')!;
    const bad = new Map(weights).set('b.2.norm.running_var', { ...variance, data: variance.data.with(0, -1) });
    const refusal = await model.withWeights(bad).catch((error: unknown) => error);
    expect(StudyError.is(refusal) && refusal.message).toContain('"b.2.norm.running_var" must hold variances');
  });
});
