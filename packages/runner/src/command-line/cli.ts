import { readFileSync } from 'node:fs';
import { learnSecrets, withoutSecrets } from '@espalier/secrets';
import { Command, Option } from 'commander';
import { runsFolderOf } from '../runs/recorded-runs.ts';
import type { CompareFlags } from './commands/compare.ts';
import { diffCommand } from './commands/diff.ts';
import { addEngineCommands } from './commands/engine.ts';
import { execNodeCommand } from './commands/exec-node.ts';
import { type ExitCode, explain } from './commands/explain.ts';
import { type GraphFormat, graphCommand } from './commands/graph.ts';
import { initCommand } from './commands/init.ts';
import { codeAfterTrouble, type Output, outputTo, standardOutput } from './commands/output.ts';
import { type PlanFlags, planCommand } from './commands/plan.ts';
import { type RunFlags, runCommand } from './commands/run.ts';
import { runsCommand, type ShowFlags, showCommand } from './commands/runs.ts';
import { type SchemaOptions, schemaCommand } from './commands/schema.ts';
import { addStoreCommands } from './commands/store.ts';
import type { Streams } from './commands/streams.ts';
import { whyCommand } from './commands/why.ts';
import { type WorkerFlags, workerCommand } from './commands/worker.ts';
import { asker } from './init/asker.ts';
import { type InitFlags, withInitOptions } from './init/init-flags.ts';
import {
  positiveInteger,
  requestOf,
  type StudyFlags,
  serverUrl,
  shownCommand,
  withStudyOptions,
} from './study-options.ts';

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
      '\nExamples:\n  espalier run studies/quickstart.json\n  espalier plan studies/planted.json --profile smoke',
    );
  const interruption = new AbortController();
  const line: CommandLine = { program, argv, output, finish, interruption };
  addInitCommand(line);
  addStudyCommands(line);
  addRunCommands(program, output, finish);
  addEngineCommands(program, output, finish);
  addStoreCommands(program, output, finish);
  addSchemaCommand(line);
  addTaskCommands(line);
  return program;
}

/** What commands are added to, and what they are given. */
interface CommandLine {
  readonly program: Command;
  readonly argv: readonly string[];
  readonly output: Output;
  readonly finish: (code: ExitCode) => void;
  readonly interruption: AbortController;
}

function addInitCommand({ program, output, finish }: CommandLine): void {
  withInitOptions(
    program.command('init').description('write a study for your own images and network, and show what it would run'),
  ).action(async (study: string, flags: InitFlags) => finish(await initCommand(study, flags, asker(output), output)));
}

function addStudyCommands({ program, argv, output, finish, interruption }: CommandLine): void {
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
        flags.dry ? await planCommand(request, flags, output) : await runCommand(request, flags, output, interruption),
      );
    });
  withStudyOptions(program.command('plan').description('check a study and show what a run would do, and why'))
    .option('--json', 'print every instance as JSON', false)
    .option('--time', 'estimate how long the networks compute, which takes a few seconds', false)
    .action(async (study: string, flags: StudyFlags & PlanFlags) =>
      finish(await planCommand(requestOf(study, flags, argv), flags, output)),
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
}

function addSchemaCommand({ program, output, finish }: CommandLine): void {
  program
    .command('schema')
    .description('print the JSON Schema that editors complete studies from')
    .argument('[study]', 'a study whose plugins add their options')
    .option('--out <file>', 'write it there instead')
    .option('--recipe', 'of recipe files, not of studies')
    .action(async (study: string | undefined, options: SchemaOptions) =>
      finish(await schemaCommand(study, options, output)),
    );
}

function addTaskCommands({ program, output, finish, interruption }: CommandLine): void {
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
}

const lonelyUrl =
  'error: --url says where the server of an executor is. Name the executor too, for example --executor bullmq';

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
  const sides = 'a run, a study (its last finished run), or the results.json of a report, or a folder with one';
  command('compare', 'put two runs, or two studies, on one page: settings and verdicts that differ, curves overlaid')
    .argument('<run>', sides)
    .argument('<other>', 'the same, to compare with')
    .option('--out <file>', 'write the page there (default: .espalier/comparisons)')
    .option('--report <node>', 'which report, of runs that have several')
    .action(async (first: string, second: string, flags: Flags & CompareFlags) => {
      // Loaded when it is asked for: other commands do not wait for what reads results and draws.
      const { compareCommand } = await import('./commands/compare.ts');
      finish(await compareCommand([first, second], runsFolderOf(flags.in), flags, output));
    });
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest && 'version' in manifest ? String(manifest.version) : 'unknown';
}
