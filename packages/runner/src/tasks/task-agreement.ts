import { type Numerics, type Plugin, StudyError } from '@espalier/core';
import { canonicalJson } from '@espalier/store';
import { type NodeKind, typeOptionsSchema, withoutDefaults } from '@espalier/study';
import * as z from 'zod';
import type { Task } from './task.ts';
import { relevantNumerics } from './task-of.ts';

/**
 * Checks that a task asks of its plugin what its key states: the same options and `cacheVersion`. What is stored under a key is
 * then what the key says, whoever wrote the task.
 *
 * @param plugin absent for a node built into the runner
 * @throws StudyError `core/plugin-invalid`
 */
export function checkAgreement({ components, options, kind: name }: Task, kind: NodeKind, plugin?: Plugin): void {
  const both = { ...objectOf(options.plugin), ...objectOf(options.kind) };
  if (plugin && plugin.kind !== name) throw disagrees('kind');
  if (canonicalJson(withoutDefaults(both, typeOptionsSchema(kind, plugin))) !== canonicalJson(components.options))
    throw disagrees('options');
  if (plugin && !isWhole(plugin.options, options.plugin)) throw disagrees('options');
  if (!isWhole(kind.options, options.kind)) throw disagrees('options');
  if (plugin && components.cacheVersion !== plugin.cacheVersion) throw disagrees('cacheVersion');
}

/** Checks that the key names what the model of a task computes with here. */
export function checkNumerics({ components }: Task, kind: NodeKind, here: Numerics | null): void {
  const expected = components.numerics;
  const found = here && kind.arithmetic !== 'none' ? relevantNumerics(here, kind.arithmetic) : null;
  if (canonicalJson(found) === canonicalJson(expected)) return;
  if (!found || !expected) throw disagrees('numerics');
  throw new StudyError(
    'engine/unavailable',
    `The run computes with ${numericsText(expected)}, this process with ${numericsText(found)}. ` +
      'Make the engines of all machines the same (espalier doctor), or choose one with --engine.',
  );
}

/** Whether options are as the schema gives them: with their defaults. One that changes what it is given cannot be asked twice. */
function isWhole(schema: z.ZodType, options: unknown): boolean {
  const parsed = schema.safeParse(options);
  if (parsed.success && canonicalJson(parsed.data) === canonicalJson(options)) return true;
  try {
    z.toJSONSchema(schema, { io: 'output' });
    return false;
  } catch {
    return true;
  }
}

function numericsText({ engine, version, inference, training }: Partial<Numerics>): string {
  const arithmetic = [inference && `inference ${inference}`, training && `training ${training}`].filter(Boolean);
  return `${engine} ${version} (${arithmetic.join(', ')})`;
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function disagrees(what: string): StudyError {
  return new StudyError(
    'core/plugin-invalid',
    `The ${what} of this task are not what its key is made of. It was changed by hand, or its plugin is another one here: install the same version.`,
  );
}
