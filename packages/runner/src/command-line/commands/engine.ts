import { type Engine, type EngineReport, type NativeInstallOptions, StudyError } from '@espalier/core';
import { type Command, Option } from 'commander';
import { importPackage } from '../../plugins/plugin-packages.ts';
import type { Output } from './output.ts';

/** Adds `doctor` and `native install` to the program. */
export function addEngineCommands(program: Command, output: Output, finish: (code: number) => void): void {
  const engine = () => new Option('--package <name>', 'the package that computes').default(standardEnginePackage);
  program
    .command('doctor')
    .description('show what computes here, and how to go faster')
    .option('--json', 'print it as JSON', false)
    .addOption(engine())
    .action(async (flags: { json: boolean; package: string }) =>
      finish(await doctorCommand(flags.package, flags.json, output)),
    );
  program
    .command('native')
    .description('the native engine')
    .command('install')
    .description('install TensorFlow for this machine and check that it works')
    .option('--gpu', 'the build for NVIDIA GPUs', false)
    .option('--force', 'also when a working one is there', false)
    .addOption(engine())
    .action(async (flags: { gpu: boolean; force: boolean; package: string }) =>
      finish(await nativeInstallCommand(flags.package, { gpu: flags.gpu, force: flags.force }, output)),
    );
}

/** Shows what would compute here, and how to go faster. */
async function doctorCommand(packageName: string, asJson: boolean, output: Output): Promise<number> {
  const engine = await loadEngine(packageName, process.cwd());
  const report = await engine.inspect();
  const { version, platform, arch } = process;
  if (asJson) output.writeJson({ node: version, platform: `${platform} ${arch}`, ...report }, 2);
  else output.write(`${doctorLines(report).join('\n')}\n`);
  return 0;
}

function doctorLines({ engine, version, cpuFeatures, cores, gpu, native, advice }: EngineReport): readonly string[] {
  return [
    `Node      ${process.version} on ${process.platform} ${process.arch}`,
    `Engine    ${engine} ${version}`,
    `CPU       ${cores} cores${cpuFeatures.length > 0 ? `, ${cpuFeatures.join(' ')}` : ''}`,
    `GPU       ${gpu ?? 'none in use'}`,
    `Native    ${native.path ?? `not in use: ${native.problem ?? 'not installed'}`}`,
    ...advice.map((sentence) => `Advice    ${sentence}`),
  ];
}

/** Puts a native engine under a package that computes. */
async function nativeInstallCommand(
  packageName: string,
  options: Omit<NativeInstallOptions, 'log'>,
  output: Output,
): Promise<number> {
  const engine = await loadEngine(packageName, process.cwd());
  const result = await engine.install({ ...options, log: (line) => output.write(`${line}\n`) });
  const done = result.changed ? 'Installed' : 'Already there:';
  output.write(`${done} ${result.version} at ${result.path}\n`);
  return 0;
}

/** The package that computes, unless somebody names another. */
const standardEnginePackage = '@espalier/engine';

/** What a package says of its engine. @throws StudyError `runner/plugin-not-found`, `core/plugin-invalid` where it has none */
async function loadEngine(packageName: string, folder: string): Promise<Engine> {
  const { exports } = await importPackage(packageName, folder);
  const { engine } = exports as { readonly engine?: Partial<Engine> }; // a module is an object
  if (typeof engine?.inspect === 'function' && typeof engine.install === 'function') return engine as Engine; // all of one
  throw new StudyError(
    'core/plugin-invalid',
    `The package "${packageName}" computes nothing: it exports no "engine" with "inspect" and "install". ` +
      `The standard one is ${standardEnginePackage}; choose with --package.`,
  );
}
