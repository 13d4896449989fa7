import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type OptionFinding, type PlanKnowledge, StudyError } from '@espalier/core';
import { readHeadSync, shownPath } from '@espalier/files';
import { safetensorsShapes } from '@espalier/formats';
import type { Architecture } from './architecture.ts';
import { misfitOf } from './misfits.ts';
import { finderOf } from './named-state.ts';
import type { StartOptions } from './start-options.ts';
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
  const shapes = images && shapesIn(path, stats.size);
  if (!images || !shapes) return [];
  const told = toldBy(architecture, options, finderOf(shapes, architecture.otherNames ?? []));
  const misfit = misfitOf(told, { ...images, classes: images.classes.length }, options);
  return misfit ? [{ ...misfit, text: `${shownPath(weights)}: ${misfit.text}` }] : [];
}

/** Longer headers are those of no network here. */
const longestHeader = 2 ** 24;

/** The shapes in a safetensors file; undefined for what is none: the reading of the whole file says why. */
function shapesIn(path: string, size: number) {
  try {
    const purpose = { what: 'the weights', advice: '' };
    const length = Number(readHeadSync(path, 8, purpose).readBigUInt64LE());
    if (length > longestHeader) return undefined;
    const shapes = safetensorsShapes(readHeadSync(path, 8 + length, purpose), size, path);
    return new Map([...shapes].map(([name, shape]) => [name, { shape }]));
  } catch (error) {
    if (StudyError.is(error) || error instanceof RangeError) return undefined;
    throw error;
  }
}
