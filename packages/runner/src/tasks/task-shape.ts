import { StudyError } from '@espalier/core';
import { deepest, isTooDeep } from '@espalier/study';
import * as z from 'zod';
import { nodeKinds } from '../kinds/index.ts';
import type { Task, TaskPlace } from './task.ts';

/** Most bytes of a task: that of a report names every instance that it shows. */
export const largestTask = 64 * 2 ** 20;

const name = z.string().max(4096);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const label = z.union([z.string().max(4096), z.number()]);
const kinds = z.enum(['split', 'model', 'attributions', 'explainer', 'concepts', 'scores', 'files']);
const artifact = z.strictObject({ kind: kinds, digest, manifest: digest, bytes: z.int().min(0) });
const origin = z.strictObject({
  instance: name,
  node: name,
  use: name,
  labels: z.record(name, label),
  model: name.optional(),
});
const inputs = z.record(name, z.array(z.strictObject({ origin, artifact })));
const amount = z.number().min(0).nullable();

const place = {
  packages: z.record(name, name),
  compute: z.strictObject({
    engine: z.enum(['auto', 'tensorflow', 'wasm']),
    inference: z.enum(['exact', 'fast']),
    training: z.enum(['exact', 'fast']),
  }),
  folder: name.min(1),
  cacheFolder: name.min(1),
};

const code = z.strictObject({ version: name, code: digest.nullable(), draft: z.boolean() });
const keyInputs = z.record(name, z.array(z.union([digest, z.strictObject({ digest, origin })])));
// In the order in which they are made: records that state them then have the same bytes, whoever computed.
const components = z.strictObject({
  keyFormat: z.number(),
  type: name,
  cacheVersion: name,
  opens: z.record(name, name),
  packages: z.record(name, code),
  options: z.unknown(),
  seed: z.number(),
  fingerprint: z.string().nullable(),
  inputs: keyInputs,
  baseline: keyInputs.nullable(),
  numerics: z.record(name, name).nullable(),
  report: digest.nullable(),
  missing: z.array(z.strictObject({ origin, port: name, failed: name, code: name, text: z.string() })).optional(),
});

const text = z.string();
const provenance = z.strictObject({
  study: z.strictObject({ name: text, digest, profile: text.nullable(), text }),
  params: z.record(text, z.unknown()),
  seed: z.number(),
  numerics: z.record(text, text).nullable(),
  plugins: z.array(z.looseObject({ alias: text, package: text, version: text })),
  recipes: z.array(z.strictObject({ name: text, recipe: text, version: text.nullable(), digest, text })),
  datasets: z.record(text, text),
  reportedBefore: z.int().min(0),
});

const task = z.strictObject({
  ...place,
  key: z.string().regex(/^[0-9a-f]{64}-[0-9a-f]{16}$/),
  components,
  origin,
  kind: z.enum(Object.keys(nodeKinds) as [string, ...string[]]).nullable(), // there are some
  package: name,
  plugin: name,
  options: z.strictObject({ plugin: z.unknown(), kind: z.unknown() }),
  seed: z.number(),
  inputs,
  baseline: inputs.nullable(),
  provenance: provenance.nullable(),
  resources: z.strictObject({ cores: amount, memoryBytes: amount, gpus: amount, exclusive: z.boolean() }),
});

const question = z.strictObject({ model: artifact, place: z.strictObject(place) });

/** What came as JSON as a task, with all of its parts, each of its kind. @throws StudyError `files/invalid`, naming the part */
export function taskShape(value: unknown): Task {
  return shaped(task, value, 'task') as unknown as Task; // its parts were just checked
}

/** A model, and where it is asked what it computes with; checked as {@link taskShape} does. */
export function questionShape(value: unknown): {
  readonly model: Task['inputs'][string][number]['artifact'];
  readonly place: TaskPlace;
} {
  return shaped(question, value, 'question');
}

function shaped<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  if (isTooDeep(value))
    throw new StudyError('files/invalid', `This ${what} is nested more than ${deepest} deep. An executor writes it.`);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new StudyError(
    'files/invalid',
    `This is no ${what} of this version of Espalier: ${issue?.path.join('.') || 'all of it'}: ${issue?.message}.`,
  );
}
