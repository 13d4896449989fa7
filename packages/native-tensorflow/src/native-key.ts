import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export type Variant = 'cpu' | 'gpu';

/** What a native folder was built for; together they name the folder. */
export interface NativeKey {
  readonly addon: string;
  readonly tensorflow: string;
  readonly platform: string;
  readonly arch: string;
  readonly variant: Variant;
  readonly napi: number;
}

/** The release of tfjs-node whose addon is compiled, and the N-API version it asks for. */
export const addonVersion = '4.22.0';
export const napiVersion = 8;

/** The TensorFlow release that this package is tested with. */
export const tensorflowVersion = '2.21.0';

/** Name of the folder of a key, for example `4.22.0-tf2.21.0-linux-x64-cpu-napi8`. */
export function folderName(key: NativeKey): string {
  return `${key.addon}-tf${key.tensorflow}-${key.platform}-${key.arch}-${key.variant}-napi${key.napi}`;
}

const folderPattern = /^(\d+\.\d+\.\d+)-tf(\d+\.\d+\.\d+)-([a-z0-9]+)-([a-z0-9]+)-(cpu|gpu)-napi(\d+)$/;

/** The key that a folder name spells, or null for any other name (a lock, a half-done install). */
export function parseFolderName(name: string): NativeKey | null {
  const match = folderPattern.exec(name);
  if (!match) return null;
  const [, addon, tensorflow, platform, arch, variant, napi] = match;
  return {
    addon: addon!,
    tensorflow: tensorflow!,
    platform: platform!,
    arch: arch!,
    variant: variant === 'gpu' ? 'gpu' : 'cpu',
    napi: Number(napi),
  };
}

/** The folder that holds this user's native folders: `$XDG_CACHE_HOME/espalier/native`, or the same under `~/.cache`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'espalier', 'native');
}

/** Where the addon lies in a native folder: the layout of tfjs-node, whose addon looks for TensorFlow in `../../deps/lib`. */
export function bindingPath(folder: string, napi: number = napiVersion): string {
  return join(folder, 'lib', `napi-v${napi}`, 'tfjs_binding.node');
}

/** The addon beside it that turns stderr off while TensorFlow is loaded. */
export function mutePath(binding: string): string {
  return join(dirname(binding), 'stderr_mute.node');
}

/** Keys of this machine in the order to try them: the variant that suits the machine first, then the tested TensorFlow, then the newest. */
export function preferredFirst(keys: readonly NativeKey[], machine: Machine): NativeKey[] {
  const suits = keys.filter(
    (key) =>
      key.addon === addonVersion &&
      key.platform === machine.platform &&
      key.arch === machine.arch &&
      key.napi === napiVersion,
  );
  const preferred: Variant = machine.hasGpu ? 'gpu' : 'cpu';
  return suits.sort(
    (a, b) =>
      Number(b.variant === preferred) - Number(a.variant === preferred) ||
      Number(b.tensorflow === tensorflowVersion) - Number(a.tensorflow === tensorflowVersion) ||
      compareVersions(b.tensorflow, a.tensorflow),
  );
}

export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly hasGpu: boolean;
}

/** Negative, zero or positive as release `a` (`2.21.0`) is older than, equal to or newer than `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
