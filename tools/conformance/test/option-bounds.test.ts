import { trainOptions } from '@espalier/core';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { allPlugins } from './all-plugins.ts';

interface Schema {
  readonly type?: string;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly const?: unknown;
  readonly enum?: unknown;
}

/** Numbers in a schema that nothing bounds above, by their path. Seeds are names of streams: none costs more than another. */
function unbounded(schema: unknown, path: string): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { type, maximum, exclusiveMaximum, const: only, enum: choices } = schema as Schema; // of JSON Schema
  const most = exclusiveMaximum ?? maximum ?? Number.POSITIVE_INFINITY;
  const isNumber = (type === 'integer' || type === 'number') && only === undefined && choices === undefined;
  const isSeed = /seed[^.]*$/i.test(path);
  const here =
    isNumber && !isSeed && most >= Number.MAX_SAFE_INTEGER && !path.endsWith('learningRate') && !path.endsWith('final');
  const below = Object.entries(schema).flatMap(([key, value]) => {
    return unbounded(value, /^(properties|anyOf|oneOf|items|prefixItems|\d+)$/.test(key) ? path : `${path}.${key}`);
  });
  return here ? [path, ...below] : below;
}

test('every number among the options of every plugin has an upper bound', async () => {
  const found = await allPlugins();
  expect(found.length).toBeGreaterThan(8);
  const open = found.flatMap(({ name, plugins }) =>
    plugins.flatMap((plugin) => unbounded(z.toJSONSchema(plugin.options, { io: 'input' }), `${name}/${plugin.name}`)),
  );
  expect(open).toEqual([]);
});

test('so have the options of training', () => {
  expect(unbounded(z.toJSONSchema(trainOptions, { io: 'input' }), 'train')).toEqual([]);
});

test('an option without a bound is found', () => {
  const options = z.strictObject({
    a: z.strictObject({ steps: z.int().nullable() }),
    seed: z.int(),
    b: z.int().max(3),
  });
  expect(unbounded(z.toJSONSchema(options), 'x')).toEqual(['x.a.steps']);
});
