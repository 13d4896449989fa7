import { createHash } from 'node:crypto';
import { StudyError } from '@espalier/core';

/**
 * JSON with sorted keys and no spaces: equal values give equal texts. Keys whose value is undefined are left out.
 *
 * @throws StudyError `core/values-not-finite` for NaN and infinities, which JSON cannot say.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new StudyError('core/values-not-finite', `Expected a number that JSON can hold, found ${value}.`);
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `${text && ','}${canonicalJson(item ?? null)}`;
    return `[${text}]`;
  }
  const record = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(record).sort()) {
    if (record[key] !== undefined) text += `${text && ','}${JSON.stringify(key)}:${canonicalJson(record[key])}`;
  }
  return `{${text}}`;
}

/** SHA-256 of text or bytes, in lower-case hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
