import type { Numerics, Origin } from '@espalier/core';
import { canonicalJson, sha256 } from './canonical-json.ts';

/** Raised when keys are made of other things than before: every old record is then left alone. */
const keyFormat = 1;

/** The digest of one input; what reports show of it, too, where a name is part of the result. */
export type KeyInput = string | { readonly digest: string; readonly origin: Origin };

/**
 * Everything that an instance's results depend on, and nothing else: no name, path, time or resource. Stored beside
 * the results, so that a difference can be explained.
 */
export interface KeyComponents {
  readonly keyFormat: typeof keyFormat;
  /** Package and plugin, the same under every alias. */
  readonly type: string;
  readonly cacheVersion: string;
  readonly package: { readonly version: string; readonly code: string | null };
  /** Parsed options without those equal to their defaults. */
  readonly options: unknown;
  /** What the options point to outside the study. */
  readonly fingerprint: string | null;
  readonly inputs: Readonly<Record<string, readonly KeyInput[]>>;
  readonly baseline: Readonly<Record<string, readonly KeyInput[]>> | null;
  readonly seed: number;
  readonly numerics: Partial<Numerics> | null;
  /** What a report says about the run: a digest of study, parameters, packages and data. */
  readonly report: string | null;
}

/** Components of the current format. */
export function keyComponents(components: Omit<KeyComponents, 'keyFormat'>): KeyComponents {
  return { keyFormat, ...components };
}

/** SHA-256 of the components. */
export function keyOf(components: KeyComponents): string {
  return sha256(canonicalJson(components));
}
