import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../host.ts';
import { tensorflowVersion, type Variant } from '../native-key.ts';
import { installFailure } from './install-failure.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { zippedText } from './zip.ts';

/**
 * Asks pip for a requirement (`tensorflow-cpu==2.21.0`), for the next one when the index has other versions only, and gives the
 * path of the wheel that came.
 */
export type FetchWheel = (requirements: readonly string[], folder: string) => Promise<string>;

/** Which interpreter's wheels to ask for. The libraries inside do not depend on it, so the machine's own Python may be any. */
const python = ['--python-version', '3.12', '--implementation', 'cp', '--abi', 'cp312'];

/** The oldest C library that any of the wheels names. */
const oldestGlibc = 12;

/** What to ask pip for, best first: the tested release, then the newest of the releases with the same C interface. */
export function tensorflowRequirements(variant: Variant, arch: string): readonly string[] {
  // There is no tensorflow-cpu wheel for arm64; the plain one has no CUDA there.
  const name = variant === 'cpu' && arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow';
  return [`${name}==${tensorflowVersion}`, `${name}>=2.18,<3`];
}

/** pip's platform tags for wheels that run with this C library (PEP 600), newest first. */
export function platformTags(arch: string, glibc: string): readonly string[] {
  const machine = arch === 'arm64' ? 'aarch64' : 'x86_64';
  const minor = Number(glibc.split('.')[1]);
  const tags = Array.from({ length: minor - oldestGlibc + 1 }, (_, i) => `manylinux_2_${minor - i}_${machine}`);
  return [...tags, `manylinux2014_${machine}`];
}

/** The release in a wheel's file name: `2.21.0` of `tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl`. */
export function wheelVersion(file: string): string {
  const version = /^[A-Za-z0-9_.]+-(\d+\.\d+\.\d+)[^-]*-.*\.whl$/.exec(file)?.[1];
  if (!version) throw installFailure(`pip brought ${file}, which is not named like a wheel of a release`);
  return version;
}

/** The requirements that a wheel's metadata lists under the extra `and-cuda`, without their markers. */
export function cudaRequirements(metadata: string): readonly string[] {
  return [...metadata.matchAll(/^Requires-Dist:\s*([^;\n]+);\s*(.*)$/gm)]
    .filter(([, , marker]) => /extra\s*==\s*["']and-cuda["']/.test(marker ?? ''))
    .map(([, requirement]) => requirement!.replaceAll(/[\s()]/g, ''));
}

/** The METADATA file of a wheel. */
export async function wheelMetadata(wheel: string): Promise<string> {
  const metadata = await zippedText(wheel, (name) => /^[^/]+\.dist-info\/METADATA$/.test(name));
  if (metadata === undefined) throw installFailure(`${wheel} has no metadata`);
  return metadata;
}

/** A function that downloads wheels with the pip of this host, its index and mirrors as pip is configured. */
export async function wheelFetcher(host: Host): Promise<FetchWheel> {
  const pip = await findPip(host);
  const platforms = platformTags(host.arch, host.glibc ?? '').flatMap((tag) => ['--platform', tag]);
  return async (requirements, folder) => {
    await mkdir(folder, { recursive: true });
    // A second copy in pip's cache would double the disk space needed, and TMPDIR may be a small memory disk.
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-input', '--no-cache-dir', '--progress-bar', 'off'];
    const chosen = ['--no-deps', '--only-binary=:all:', ...python, ...platforms, '--dest', folder];
    for (const requirement of requirements) {
      const args = [...pip.args, 'download', ...quiet, ...chosen, requirement];
      const result = await runCommand(pip.program, args, { env: { ...host.env, TMPDIR: folder } });
      const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
      if (result?.status === 0 && wheel) return join(folder, wheel);
      if (requirement === requirements.at(-1) || !hasOtherVersions(result)) throw pipFailure(requirement, result);
    }
    throw new Error('at least one requirement is needed');
  };
}

function hasOtherVersions(result: CommandResult | null): boolean {
  return /\(from versions: (?!none)/.test(result?.stderr ?? '');
}

async function findPip(host: Host): Promise<{ program: string; args: readonly string[] }> {
  const candidates = [
    { program: 'python3', args: ['-m', 'pip'] },
    { program: 'python', args: ['-m', 'pip'] },
    { program: 'pip3', args: [] },
    { program: 'pip', args: [] },
  ];
  for (const candidate of candidates) {
    const result = await runCommand(candidate.program, [...candidate.args, '--version'], { env: host.env });
    if (result?.status === 0) return candidate;
  }
  throw installFailure(
    'pip was not found (tried python3 -m pip, python -m pip, pip3 and pip); install Python 3 with pip (Debian and Ubuntu: ' +
      'apt install python3-pip), which is only used to download a wheel',
  );
}

/** pip finds nothing at all when it cannot reach an index, so that is a matter of the network and not of the version. */
function pipFailure(requirement: string, result: CommandResult | null): Error {
  const lines = (result?.stderr ?? '').split('\n').filter((line) => line.startsWith('ERROR:'));
  const reason = (lines[0] ?? result?.stderr.trim().split('\n').at(-1) ?? '').replace(/^ERROR:\s*/, '').trim();
  if (/No space left on device/.test(result?.stderr ?? '')) {
    return installFailure(`the disk filled up while pip downloaded ${requirement}; free some space and try again`);
  }
  const hint = /from versions: none|Could not fetch|Connection|Max retries/i.test(result?.stderr ?? '')
    ? 'the package index could not be reached or has none for this platform: check the network, or name a mirror with PIP_INDEX_URL'
    : 'check pip with the same requirement, or name another index with PIP_INDEX_URL';
  return installFailure(`pip could not download ${requirement} (${reason || 'it said nothing'}); ${hint}`);
}
