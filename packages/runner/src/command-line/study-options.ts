import type { ComputeOptions } from '@espalier/core';
import { withoutSecrets } from '@espalier/secrets';
import type { CodePolicy } from '@espalier/store';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { StudyRequest } from '../opening/opened-study.ts';

/** What every command about a study takes. */
export interface StudyFlags extends Partial<ComputeOptions> {
  readonly profile?: string;
  readonly param?: Readonly<Record<string, unknown>>;
  readonly store?: string;
  readonly home?: string;
  readonly code?: CodePolicy;
  readonly out?: string;
  readonly jobs?: number;
  readonly executor?: string;
  readonly url?: string;
  readonly only?: readonly string[];
  readonly from?: readonly string[];
  readonly refresh?: readonly string[];
}

/** Where the server of an executor is. */
export function serverUrl(): Option {
  return new Option('--url <url>', 'where the server of the executor is').env('ESPALIER_EXECUTOR_URL');
}

/** Adds the study, the options of {@link StudyFlags}, and where it is about one, an instance. */
export function withStudyOptions(command: Command, instance?: string): Command {
  command.argument('<study>', 'the study file');
  if (instance !== undefined) command.argument(instance, "a node, or an instance: attr, 'attr[seed=1]'");
  return command
    .option('--profile <name>', 'one of the profiles of the study')
    .option('--param <name=value>', 'another value for a parameter, as JSON; may be given again', collectParam)
    .addOption(new Option('--engine <name>', 'what computes').choices(['auto', 'tensorflow', 'wasm']))
    .addOption(new Option('--inference <arithmetic>', 'exact is float32, fast is bfloat16').choices(['exact', 'fast']))
    .addOption(new Option('--training <arithmetic>', 'exact is float32, fast is bfloat16').choices(['exact', 'fast']))
    .option('--only <instance>', 'only this node or instance and what it needs; may be given again', collected)
    .option('--from <instance>', 'only this and what uses it, on what is in the store; may be given again', collected)
    .option('--refresh <instance>', 'compute this again, although it is there; may be given again', collected)
    .addOption(
      new Option('--code <policy>', 'whether results of other code with the same cacheVersion count').choices([
        'declared',
        'exact',
      ]),
    )
    .option(
      '--store <place>',
      'where results are kept: a folder, or s3://bucket/prefix (default: .espalier/store beside the study)',
    )
    .option(
      '--home <folder>',
      'where all is kept: store, records, outputs, downloads (default: .espalier beside the study)',
    );
}

function collectParam(text: string, before: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Write it as name=value, for example epochs=3.');
  return { ...before, [text.slice(0, equals)]: jsonOrText(text.slice(equals + 1)) };
}

function collected(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** @throws InvalidArgumentError for anything but a whole number from 1 to 9999 */
export function positiveInteger(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number from 1 to 9999, in digits.');
}

/** Bare words are text; what begins as a list, an object or quoted text must be JSON to its end. */
function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (!/^\s*[[{"]/.test(text)) return text;
    throw new InvalidArgumentError(
      `${text} is not complete JSON. Quote it for the shell, for example 'levels=[0.3, 0.5]' or 'layer="layer4"'.`,
    );
  }
}

/** What the flags ask for. */
export function requestOf(file: string, flags: StudyFlags, argv: readonly string[]): StudyRequest {
  const { profile, param, engine, inference, training, store, home, code, out, jobs, executor, url } = flags;
  const { only, from, refresh } = flags;
  const compute = Object.fromEntries(
    Object.entries({ engine, inference, training }).filter(([, value]) => value !== undefined),
  );
  const command = shownCommand(argv);
  const select = { only, from, refresh };
  return { file, profile, params: param, compute, store, home, code, out, jobs, executor, url, command, select };
}

/** What was typed, so that it can be typed again, but for secrets. */
export function shownCommand(argv: readonly string[]): string {
  return `espalier ${argv.map((word) => quoted(withoutSecrets(word))).join(' ')}`;
}

function quoted(word: string): string {
  return /^[\w./:=@,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
