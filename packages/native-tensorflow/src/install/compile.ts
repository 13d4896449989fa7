import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Host } from '../host.ts';
import { bindingPath, mutePath, napiVersion } from '../native-key.ts';
import { installFailure } from './install-failure.ts';
import { runCommand } from './run-command.ts';

export interface Compiler {
  readonly program: string;
  readonly args: readonly string[];
  /** First line of its `--version`. */
  readonly description: string;
}

export interface CompileTask {
  /** The native folder, whose `deps/lib` holds TensorFlow already. */
  readonly folder: string;
  /** Folders with tfjs-node's `binding/*.cc`, the N-API headers and TensorFlow's headers. */
  readonly addon: string;
  readonly napi: string;
  readonly tensorflow: string;
}

const attributeLists = fileURLToPath(new URL('../../native/attribute-lists.h', import.meta.url));
const muteSource = fileURLToPath(new URL('../../native/stderr-mute.cc', import.meta.url));

/** The compiler that CXX names, else the first of c++, g++ and clang++ that runs. */
export async function findCompiler(host: Host): Promise<Compiler> {
  const named = host.env.CXX?.trim().split(/\s+/);
  const candidates = named?.[0] ? [named] : [['c++'], ['g++'], ['clang++']];
  for (const [program, ...args] of candidates) {
    const result = await runCommand(program!, [...args, '--version'], { env: host.env });
    if (result?.status === 0) return { program: program!, args, description: result.stdout.split('\n')[0]!.trim() };
  }
  throw installFailure(
    `no C++ compiler was found (tried ${candidates.map(([program]) => program).join(', ')}); install one ` +
      '(Debian and Ubuntu: apt install g++; Fedora: dnf install gcc-c++) or name one with CXX',
  );
}

/** Compiles tfjs-node's addon, and the small one that keeps stderr quiet while TensorFlow is loaded. */
export async function compileAddon(compiler: Compiler, task: CompileTask, host: Host): Promise<void> {
  const addon = bindingPath(task.folder);
  await mkdir(dirname(addon), { recursive: true });
  const shared = ['-std=c++17', '-O2', '-fPIC', '-shared', `-DNAPI_VERSION=${napiVersion}`, `-I${task.napi}`];
  const linked = [`-L${join(task.folder, 'deps', 'lib')}`, '-ltensorflow', '-ltensorflow_framework'];
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(task.addon, file));
  const build = (args: readonly string[]) =>
    runCommand(compiler.program, [...compiler.args, ...shared, ...args], { env: host.env });
  const results = await Promise.all([
    build([
      ...['-include', attributeLists, ...sources, '-o', addon, `-I${task.tensorflow}`, ...linked],
      '-Wl,-rpath,$ORIGIN/../../deps/lib',
    ]),
    build([muteSource, '-o', mutePath(addon)]),
  ]);
  const failed = results.find((result) => result?.status !== 0);
  if (failed === undefined) return;
  const output = failed?.stderr ?? '';
  const reason = output.split('\n').find((line) => /error|undefined reference/i.test(line)) ?? 'it said nothing';
  throw installFailure(
    `${compiler.description} could not compile the addon of tfjs-node (${reason.trim()}); it needs C++17 (g++ 9 or ` +
      'clang++ 9 or newer)',
    new Error(output),
  );
}
