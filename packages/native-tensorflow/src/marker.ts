import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderName, type NativeKey } from './native-key.ts';

/** Written last into a native folder, after its addon computed right values: a folder without it is not an install. */
export interface Marker {
  readonly key: string;
  readonly tensorflow: string;
  /** How the addon was compiled; absent in the first installs. */
  readonly recipe?: number;
  /** Size in bytes of each file that must be there, by path within the folder. */
  readonly files: Readonly<Record<string, number>>;
}

const markerName = 'espalier-native.json';

/** Raise it when the addon is compiled in another way: older installs still work, and the next `native install` replaces them. */
const recipe = 2;

export function writeMarker(folder: string, key: NativeKey, files: readonly string[]): Marker {
  const sizes = files.map((file) => [file, statSync(join(folder, file)).size] as const);
  const marker = { key: folderName(key), tensorflow: key.tensorflow, recipe, files: Object.fromEntries(sizes) };
  writeFileSync(join(folder, markerName), `${JSON.stringify(marker, null, 2)}\n`);
  return marker;
}

/** Why `folder` is not a finished install for `key`, or null if it is one. Reads sizes, not contents. */
export function folderProblem(folder: string, key: NativeKey): string | null {
  const marker = readMarker(folder);
  if (!marker) return `the install in ${folder} was not finished`;
  if (marker.key !== folderName(key)) return `the install in ${folder} says it is ${marker.key}`;
  const damaged = Object.entries(marker.files).find(([file, size]) => sizeOrZero(join(folder, file)) !== size);
  return damaged ? `${join(folder, damaged[0])} is missing or has changed` : null;
}

/** Whether a finished install was compiled as an earlier version of this package did. */
export function isOutdated(folder: string): boolean {
  return readMarker(folder)?.recipe !== recipe;
}

function readMarker(folder: string): Marker | null {
  try {
    const marker = JSON.parse(readFileSync(join(folder, markerName), 'utf8')) as Partial<Marker> | null;
    return typeof marker?.key === 'string' && typeof marker.files === 'object' && marker.files
      ? (marker as Marker)
      : null;
  } catch {
    return null;
  }
}

function sizeOrZero(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
