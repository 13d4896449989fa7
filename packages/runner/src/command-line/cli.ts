import { readFileSync } from 'node:fs';
import type { ComputeOptions } from '@espalier/core';
import { learnSecrets, withoutSecrets } from '@espalier/secrets';
import type { CodePolicy } from '@espalier/store';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { StudyRequest } from '../opening/opened-study.ts';
import { runsFolderOf } from '../runs/recorded-runs.ts';
import { diffCommand } from './commands/diff.ts';
import { addEngineCommands } from './commands/engine.ts';
import { execNodeCommand } from './commands/exec-node.ts';
import { type ExitCode, explain } from './commands/explain.ts';
import { type GraphFormat, graphCommand } from './commands/graph.ts';
import { codeAfterTrouble, type Output, outputTo, type Streams, standardOutput } from './commands/output.ts';
import { planCommand } from './commands/plan.ts';
import { type RunFlags, runCommand } from './commands/run.ts';
import { runsCommand, type ShowFlags, showCommand } from './commands/runs.ts';
import { schemaCommand } from './commands/schema.ts';
import { addStoreCommands } from './commands/store.ts';
import { whyCommand } from './commands/why.ts';
import { type WorkerFlags, workerCommand } from './commands/worker.ts';

export { explainCrashes } from './commands/explain.ts';

/** Runs the `espalier` command; `argv` is what follows the program's name. */
export async function main(argv: readonly string[], streams: Streams = standardOutput()): Promise<ExitCode> {
  learnSecrets(argv);
  // Other users of a machine see the arguments of a process, until it has another title.
  if (argv.some((word) => withoutSecrets(word) !== word)) process.title = shownCommand(argv);
  const output = outputTo(streams, argv.includes('--debug'));
  let code: ExitCode = 0;
  let isRecorded = false;
  const program = build(argv, output, (done) => {
    code = done;
  }).hook('preAction', (_, command) => {
    isRecorded = recorded.has(command.name()) && !command.opts().dry;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return await codeAfterTrouble(code, isRecorded, output);
  } catch (error) {
    return explain(error, argv.includes('--debug'), output);
  }
}

/** Commands whose results lie in a store, whatever becomes of what they print. */
const recorded: ReadonlySet<string> = new Set(['run', 'worker', 'exec-node']);

interface StudyFlags extends Partial<ComputeOptions> {
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

function build(argv: readonly string[], output: Output, finish: (code: ExitCode) => void): Command {
  const program = new Command('espalier')
    .description('Plans and runs a study from one JSON file.')
    .version(ownVersion(), '--version')
    .option('--debug', 'show where in the code an error comes from')
    .exitOverride()
    .configureOutput({ writeOut: output.write, writeErr: output.writeError })
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nExamples:\n  espalier run studies/quickstart.json\n  espalier plan studies/quickstart.json --profile smoke',
    );
  const interruption = new AbortController();
  withStudyOptions(
    program.command('run').description('check a study, run what is not in the store yet, write its outputs'),
  )
    .option('--jobs <count>', 'most instances at once (default: as many as the cores allow)', positiveInteger)
    .option('--out <folder>', 'where outputs go (default: .espalier/out/<study name> beside the study)')
    .option('--executor <name>', 'what runs instances elsewhere: bullmq, a package or a path (default: this machine)')
    .addOption(serverUrl())
    .option('--frozen', 'fail if anything would run, or what is used is not what the lock file names', false)
    .option('--dry', 'show what would run, and why, and run nothing', false)
    .option('--json', 'print every event as one line of JSON', false)
    .action(async (study: string, flags: StudyFlags & RunFlags, command: Command) => {
      if (flags.executor === undefined && command.getOptionValueSource('url') === 'cli') command.error(lonelyUrl);
      const request = requestOf(study, flags, argv);
      finish(
        flags.dry
          ? await planCommand(request, flags.json, output)
          : await runCommand(request, flags, output, interruption),
      );
    });
  withStudyOptions(program.command('plan').description('check a study and show what a run would do, and why'))
    .option('--json', 'print every instance as JSON', false)
    .action(async (study: string, flags: StudyFlags & { json: boolean }) =>
      finish(await planCommand(requestOf(study, flags, argv), flags.json, output)),
    );
  withStudyOptions(
    program.command('why').description('say of an instance whether it would run, why, and what its key is made of'),
    '<instance>',
  )
    .option('--json', 'print it as JSON', false)
    .action(async (study: string, instance: string, flags: StudyFlags & { json: boolean }) =>
      finish(await whyCommand(requestOf(study, flags, argv), instance, flags.json, output)),
    );
  withStudyOptions(program.command('graph').description('draw the nodes of a study'))
    .addOption(new Option('--format <name>', 'of the drawing').choices(['mermaid', 'dot', 'svg']).default('mermaid'))
    .option('--out <file>', 'write it there instead')
    .action(async (study: string, { format, out, ...flags }: StudyFlags & { format: GraphFormat }) =>
      finish(await graphCommand(requestOf(study, flags, argv), { format, out }, output)),
    );
  addRunCommands(program, output, finish);
  addEngineCommands(program, output, finish);
  addStoreCommands(program, output, finish);
  program
    .command('schema')
    .description('print the JSON Schema that editors complete studies from')
    .argument('[study]', 'a study whose plugins add their options')
    .option('--out <file>', 'write it there instead')
    .action(async (study: string | undefined, { out }: { out?: string }) =>
      finish(await schemaCommand(study, out, output)),
    );
  program
    .command('exec-node')
    .description('run one instance, for schedulers: prints a line of JSON for all that happens')
    .argument('<task>', 'the task as a file of JSON')
    .requiredOption('--store <place>', 'the store that has its inputs and takes its results')
    .action(async (task: string, { store }: { store: string }) =>
      finish(await execNodeCommand(task, store, interruption, output)),
    );
  program
    .command('worker')
    .description('run instances for runs on other machines that use the same store, until Ctrl-C')
    .option('--executor <name>', 'what brings them: bullmq, a package or a path', 'bullmq')
    .addOption(serverUrl())
    .requiredOption('--store <place>', 'the store of those runs, as this machine sees it')
    .option('--jobs <count>', 'most instances at once (default: as many as the cores allow)', positiveInteger)
    .addOption(new Option('--resources <names...>', 'what it takes').choices(['cpu', 'gpu']))
    .option('--in <folder>', "the study's folder on this machine (default: the same path as on theirs)")
    .action(async (flags: WorkerFlags) => finish(await workerCommand(flags, output, interruption)));
  return program;
}

const lonelyUrl =
  'error: --url says where the server of an executor is. Name the executor too, for example --executor bullmq';

function serverUrl(): Option {
  return new Option('--url <url>', 'where the server of the executor is').env('ESPALIER_EXECUTOR_URL');
}

function addRunCommands(program: Command, output: Output, finish: (code: ExitCode) => void): void {
  const command = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option('--in <place>', 'the study, or the folder that holds .espalier', '.')
      .option('--json', 'print it as JSON', false);
  type Flags = { readonly in: string; readonly json: boolean };
  command('runs', 'list the runs that have a record, the newest first').action(async (flags: Flags) =>
    finish(await runsCommand(runsFolderOf(flags.in), flags.json, output)),
  );
  const run = ['<run>', 'id of a run or its beginning, latest, or its folder'] as const;
  command('show', 'show what a run did')
    .argument(...run)
    .option('--timeline', 'draw what ran when into timeline.html of its record, also of a run that was killed', false)
    .action(async (id: string, flags: Flags & ShowFlags) =>
      finish(await showCommand(id, runsFolderOf(flags.in), flags, output)),
    );
  command('diff', 'compare two runs: numbers side by side, and what caused the difference')
    .argument(...run)
    .argument('<other>', 'the run to compare with')
    .action(async (first: string, second: string, flags: Flags) =>
      finish(await diffCommand([first, second], runsFolderOf(flags.in), flags.json, output)),
    );
}

function withStudyOptions(command: Command, instance?: string): Command {
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

function positiveInteger(text: string): number {
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

function requestOf(file: string, flags: StudyFlags, argv: readonly string[]): StudyRequest {
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
function shownCommand(argv: readonly string[]): string {
  return `espalier ${argv.map((word) => quoted(withoutSecrets(word))).join(' ')}`;
}

function quoted(word: string): string {
  return /^[\w./:=@,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest && 'version' in manifest ? String(manifest.version) : 'unknown';
}
