import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type PackageKind, packageKinds } from './kinds.ts';
import { Mistake } from './mistake.ts';
import { type Names, namesOf } from './names.ts';

/** What a package of a method consists of besides what manages it, by path. */
export type MethodFiles = Readonly<Record<string, string>>;

/** Which method is wanted. */
interface Wanted {
  readonly kind: PackageKind;
  /** kebab-case */
  readonly name: string;
  /** Of the npm package. */
  readonly packageName: string;
  /** An explainer that draws noise. */
  readonly isStochastic?: boolean | undefined;
}

/**
 * The code, the test and the README of a new method that works and keeps the laws of its port.
 *
 * @throws Error for a name that is none, or a kind that is never stochastic
 */
export function methodFiles({ kind, name, packageName, isStochastic = false }: Wanted): MethodFiles {
  if (isStochastic && kind !== 'explainer')
    throw new Mistake(
      `--stochastic is of explainers; found --kind ${kind}. Leave it out, and draw from services.seed.`,
    );
  const template = isStochastic ? 'explainer-stochastic' : kind;
  const [source, test, readme] = [
    read(template, 'src/my-plugin.ts'),
    read(template, 'test/my-plugin.test.ts'),
    read(template, 'README.md'),
  ];
  const names = namesOf(name, source + test + indexOf(kind, { name, symbol: '', title: '' }));
  const filled = (text: string) => withNames(text, names).replaceAll('my-package', packageName);
  return {
    'README.md': filled(readme),
    'src/index.ts': indexOf(kind, names),
    [`src/${name}.ts`]: filled(source),
    [`test/${name}.test.ts`]: filled(test),
  };
}

function read(template: string, path: string): string {
  return readFileSync(fileURLToPath(new URL(`../templates/${template}/${path}`, import.meta.url)), 'utf8');
}

function withNames(text: string, { name, symbol, title }: Names): string {
  return text.replaceAll('my-plugin', name).replaceAll('myPlugin', symbol).replaceAll('My plugin', title);
}

const contract = `/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';
`;

function indexOf(kind: PackageKind, { name, symbol }: Names): string {
  const { port } = packageKinds[kind];
  if (port !== 'core')
    return `export { ${port === 'runner' ? 'createExecutor' : 'openBucket'} } from './${name}.ts';\n\n${contract}`;
  const list = `/** What this package offers to a study. */\nexport const plugins = [${symbol}] as const;\n`;
  return `import { ${symbol} } from './${name}.ts';\n\n${contract}\n${list}`;
}
