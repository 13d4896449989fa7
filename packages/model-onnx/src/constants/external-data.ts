import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import { fileError, kindOf, readFlags, shownPath } from '@espalier/files';
import type { TensorProto } from 'onnx-buf';
import { limits } from '../decode/limits.ts';
import { invalid, quoted, unsupported } from '../decode/model-error.ts';
import type { TensorPlace } from './tensor-place.ts';

/** Where a tensor's bytes lie beside the model. */
interface Stretch {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/**
 * How to read a tensor that lies in a file of its own, which must be in the model's folder.
 *
 * @param expected bytes
 * @throws StudyError `model-onnx/invalid`, `model-onnx/unsupported` or what reading a file throws
 */
export function readExternal(
  tensor: TensorProto,
  expected: number,
  name: string,
  place: TensorPlace,
): () => Uint8Array {
  const stretch = stretchOf(tensor, expected, name, place);
  return () => bytesOf(stretch, name, place);
}

function stretchOf({ externalData }: TensorProto, expected: number, name: string, place: TensorPlace): Stretch {
  const entries = new Map(externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  const [offset, length] = [Number(entries.get('offset') ?? 0), Number(entries.get('length') ?? expected)];
  const path = besides(place, location, name);
  if (length !== expected)
    throw invalid(
      place.name,
      `the tensor ${quoted(name)} should take ${expected} bytes; ${quoted(location)} is said to hold ${length}. Export the model again.`,
    );
  const found = sizeOfFile(path, location, place);
  if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > found)
    throw invalid(
      place.name,
      `the tensor ${quoted(name)} should be bytes ${offset} to ${offset + length} of ${quoted(location)}, which has ${found}. Copy the file again with the model.`,
    );
  return { path, offset, length };
}

/** A file of the model's folder, or below it, whatever links lead there. */
function besides({ name: file, path }: TensorPlace, location: string, tensor: string): string {
  const folder = dirname(path);
  const outside = () =>
    unsupported(
      file,
      `the tensor ${quoted(tensor)} is said to be in ${quoted(location)}; only files in the folder of ${quoted(basename(path))} are read. Put both into one folder and save the model again.`,
    );
  const steps = location.split(/[\\/]/);
  if (location === '' || isAbsolute(location) || /[\0:]/.test(location) || steps.includes('..')) throw outside();
  const wanted = join(folder, location);
  try {
    const [inside, real] = [realpathSync(folder), realpathSync(wanted)];
    if (!real.startsWith(inside.endsWith(sep) ? inside : inside + sep)) throw outside();
    return real;
  } catch (cause) {
    throw fileError(cause, wanted, purposeOf(file));
  }
}

function sizeOfFile(path: string, location: string, { name: file }: TensorPlace): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() && stats.size <= limits.externalBytes) return stats.size;
  const found = stats?.isFile() ? `${stats.size} bytes` : stats ? kindOf(stats) : 'nothing';
  throw invalid(
    file,
    `expected tensors in ${quoted(location)}, a file of at most ${limits.externalBytes} bytes; found ${found}.`,
  );
}

function bytesOf({ path, offset, length }: Stretch, name: string, { name: file }: TensorPlace): Uint8Array {
  try {
    const opened = openSync(path, readFlags);
    try {
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (fstatSync(opened).isFile() && filled < length) {
        const read = readSync(opened, bytes, filled, Math.min(2 ** 30, length - filled), offset + filled);
        if (read === 0) break;
        filled += read;
      }
      if (filled === length) return bytes;
    } finally {
      closeSync(opened);
    }
  } catch (cause) {
    throw fileError(cause, path, purposeOf(file));
  }
  throw invalid(
    file,
    `the tensor ${quoted(name)} could not be read: ${shownPath(path)} was cut meanwhile. Copy it again.`,
  );
}

function purposeOf(file: string) {
  return {
    what: `the tensors of ${file}`,
    advice: 'Copy it with the model, or export the model into one file: external_data=False.',
  };
}
