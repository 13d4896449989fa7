import type { EngineReport, NativeInstallOptions } from '@espalier/core';
import { loadEngine } from '../engine-package.ts';
import type { Output } from './output.ts';

/** Shows what would compute here, and how to go faster. */
export async function doctorCommand(packageName: string, asJson: boolean, output: Output): Promise<number> {
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
export async function nativeInstallCommand(
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
