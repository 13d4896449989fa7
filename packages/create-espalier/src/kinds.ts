/** A kind of package: what it is called, and what it is built on. */
interface KindOfPackage {
  /** What packages of this kind begin with: `data-mnist`. */
  readonly prefix: string;
  /** With its article. */
  readonly what: string;
  /** Where its port is. */
  readonly port: 'core' | 'runner' | 'store';
}

/** Every kind of package that a host loads. */
export const packageKinds = {
  dataset: { prefix: 'data', what: 'A dataset', port: 'core' },
  model: { prefix: 'model', what: 'A network', port: 'core' },
  pruner: { prefix: 'pruner', what: 'A pruner', port: 'core' },
  explainer: { prefix: 'explainer', what: 'An explainer', port: 'core' },
  concepts: { prefix: 'concepts', what: 'A concept method', port: 'core' },
  metric: { prefix: 'metrics', what: 'A metric', port: 'core' },
  reporter: { prefix: 'report', what: 'A reporter', port: 'core' },
  executor: { prefix: 'executor', what: 'An executor', port: 'runner' },
  store: { prefix: 'store', what: 'A store', port: 'store' },
} as const satisfies Readonly<Record<string, KindOfPackage>>;

/** The name of a kind of package. */
export type PackageKind = keyof typeof packageKinds;

/** Whether `text` names a kind. */
export function isKind(text: string): text is PackageKind {
  return Object.hasOwn(packageKinds, text);
}
