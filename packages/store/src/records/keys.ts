import type { MissingInput, Numerics, Origin } from '@espalier/core';
import { canonicalJson, sha256 } from './canonical-json.ts';

/** Which code a package is. */
export interface PackageCode {
  readonly version: string;
  /** SHA-256 of its files; null for what a registry installed, where the version says it. */
  readonly code: string | null;
  /** Named by a path in the study: its version promises nothing, so other code is another result. */
  readonly draft: boolean;
}

/** Packages by name. */
export type PackageCodes = Readonly<Record<string, PackageCode>>;

/** Raised when keys are made of other things than before: every old record is then left alone. */
const keyFormat = 2;

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
  /** `cacheVersion` of the plugins that the inputs are opened with again: data sets, models and explainers compute while in use. */
  readonly opens: Readonly<Record<string, string>>;
  /** The code of every package that takes part. */
  readonly packages: PackageCodes;
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
  /** What failed of the inputs that may be missing; absent where nothing did. */
  readonly missing?: readonly MissingInput[];
}

/** Components of the current format. */
export function keyComponents(components: Omit<KeyComponents, 'keyFormat'>): KeyComponents {
  return { keyFormat, ...components };
}

/**
 * `<what is declared>-<which code>`. The first half is the SHA-256 of all components, with what the versions of the
 * packages promise in place of their code; the second half begins the SHA-256 of their code.
 *
 * Keys whose first halves are equal name the same result, unless somebody has changed a method without raising its
 * `cacheVersion`.
 */
export function keyOf({ packages, ...rest }: KeyComponents): string {
  const promised = Object.fromEntries(Object.entries(packages).map(([name, code]) => [name, promise(code)]));
  return `${sha256(canonicalJson({ ...rest, packages: promised }))}-${sha256(canonicalJson(packages)).slice(0, 16)}`;
}

/** The first half of a key: what results of the same declared method have in common. */
export function declaredPart(key: string): string {
  return key.split('-')[0]!;
}

/** Whether `text` can be a key: it becomes part of a path. */
export function isKey(text: string): boolean {
  return /^[0-9a-f]{64}-[0-9a-f]{16}$/.test(text);
}

// Semantic versioning: until 1.0.0 a minor version may break what a major one may later.
function promise({ version, code, draft }: PackageCode): string {
  if (draft) return `code ${code}`;
  const [, major, minor] = /^(\d+)\.(\d+)\.\d+$/.exec(version) ?? [];
  if (major === undefined) return version;
  return major === '0' ? `0.${minor}` : major;
}
