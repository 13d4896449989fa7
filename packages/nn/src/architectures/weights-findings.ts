import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type OptionFinding, type PlanKnowledge, StudyError } from '@espalier/core';
import { formatBytes, readHeadSync, shownPath } from '@espalier/files';
import { safetensorsShapes } from '@espalier/formats';
import type { Architecture } from './architecture.ts';
import { misfitOf } from './misfits.ts';
import { finderOf } from './named-state.ts';
import type { StartOptions } from './start-options.ts';
import { explained } from './weights-file.ts';
import { toldBy } from './weights-in.ts';

/** What a plan can tell of the options of a start: that a file is there, and that it is for such images and classes. */
export function startFindings<Options extends StartOptions>(
  architecture: Architecture<Options>,
  options: Options,
  { folder, images }: PlanKnowledge,
): readonly OptionFinding[] {
  const { weights, head } = options;
  if (weights === null) {
    const text =
      '"new" replaces the last layer of a file, but "weights" names none: all is random. Leave "head" out, or name a file.';
    return head === 'new' ? [{ path: ['head'], text }] : [];
  }
  const path = resolve(folder, weights);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile()) {
    const text = `Expected a safetensors file of weights at ${shownPath(path)}; found none. A relative path starts at the study's folder.`;
    return [{ path: ['weights'], text }];
  }
  const shapes = shapesIn(path, stats.size, shownPath(weights));
  if (StudyError.is(shapes)) return [{ path: ['weights'], text: shapes.message }];
  if (!images || !shapes) return [];
  const told = toldBy(architecture, options, finderOf(shapes, architecture.otherNames ?? []));
  const misfit = misfitOf(told, { ...images, classes: images.classes.length }, options);
  return misfit ? [{ ...misfit, text: `${shownPath(weights)}: ${misfit.text}` }] : [];
}

/** Longer headers are those of no network here: the reading of the whole file says what is wrong with them. */
const longestHeader = 2 ** 24;

type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** The shapes in a safetensors file, or why it is none; undefined where its header is too long for a plan. */
function shapesIn(path: string, size: number, name: string): Shapes | StudyError | undefined {
  const purpose = { what: 'the weights', advice: '' };
  const first = readHeadSync(path, formatBytes, purpose);
  const header = first.byteLength < 8 ? 0n : first.readBigUInt64LE();
  if (header > longestHeader && header < size) return undefined;
  try {
    const head = header < size ? readHeadSync(path, 8 + Number(header), purpose) : first;
    return new Map([...safetensorsShapes(head, size, name)].map(([key, shape]) => [key, { shape }]));
  } catch (cause) {
    const error = explained(cause, first, name);
    if (StudyError.is(error)) return error;
    throw error;
  }
}
