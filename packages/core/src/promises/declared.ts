import type { ModelUse, OptionFinding, Plugin } from '../plugin.ts';
import { type Promised, promise, promiseList, promiseObject, promiseText, promiseWhole, written } from './promise.ts';

/*
 * What a plugin says beside its port. Each function asks a plugin, named `by`, and checks the answer.
 *
 * @throws StudyError `plugin-invalid`
 */

/** What is wrong with `options` in the place that the plan has for them. */
export function findingsOf(
  { check }: Pick<Plugin, 'check'>,
  by: string,
  ...asked: Parameters<NonNullable<Plugin['check']>>
): readonly OptionFinding[] {
  if (!check) return [];
  const about: Promised = { by, what: 'what its "check" found' };
  const found: unknown = check(...asked);
  promiseList(found, about, 'findings');
  return found.map((finding) => {
    promiseObject(finding, about);
    const { path, text } = finding;
    promiseText(text, about, 'text');
    promiseList(path, about, 'path');
    const isStep = (step: unknown): step is string | number => typeof step === 'string' || Number.isInteger(step);
    promise(path.every(isStep), about, '"path" of names and whole numbers', () => written(path.join('.')));
    return { path, text };
  });
}

/** A digest of what `options` point to outside the study; null where the plugin has none. */
export async function fingerprintOf(
  { fingerprint }: Pick<Plugin, 'fingerprint'>,
  by: string,
  ...asked: Parameters<NonNullable<Plugin['fingerprint']>>
): Promise<string | null> {
  if (!fingerprint) return null;
  const digest: unknown = await fingerprint(...asked);
  promiseText(digest, { by, what: 'its fingerprint' }, 'fingerprint');
  return digest;
}

/** Height and width of evaluated images in pixels; undefined where the options do not say them. */
export function imageSizeOf(
  { imageSize }: Pick<Plugin, 'imageSize'>,
  by: string,
  options: unknown,
): { readonly height: number; readonly width: number } | undefined {
  if (!imageSize) return undefined;
  const about: Promised = { by, what: 'its image size' };
  const size: unknown = imageSize(options);
  promiseObject(size, about);
  const { height, width } = size;
  promiseWhole(height, 1, about, 'height');
  promiseWhole(width, 1, about, 'width');
  return { height, width };
}

/** Bytes that a process wants at its peak; undefined where the plugin gives no estimate. */
export function memoryOf(
  { memory }: Pick<Plugin, 'memory'>,
  by: string,
  options: unknown,
  use: ModelUse,
): number | undefined {
  if (!memory) return undefined;
  const bytes: unknown = memory(options, use);
  const isCount = typeof bytes === 'number' && Number.isFinite(bytes) && bytes >= 0;
  promise(isCount, { by, what: 'its memory' }, 'bytes, a finite number of at least 0', () => written(bytes));
  return bytes;
}
