import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { isKind, type PackageKind, packageKinds } from './kinds.ts';
import { Mistake } from './mistake.ts';
import { repositoryFiles } from './repository.ts';

const usage = `npm create espalier -- <name> --kind <kind>

Makes the folder <name>: a repository with a plugin that works, its test, a study that uses it, CI.

  <name>         of the npm package, for example my-explainer or @me/my-explainer
  --kind <kind>  ${Object.keys(packageKinds).join(', ')}
  --stochastic   an explainer that draws noise
  --no-git       makes no git repository
  --help         shows this`;

/** What was asked for. */
interface Asked {
  readonly packageName: string;
  /** Of the method and of the folder. */
  readonly name: string;
  readonly kind: PackageKind;
  readonly isStochastic: boolean;
  readonly git: boolean;
}

/** Runs the command in `folder`; returns its exit code. */
export function main(argv: readonly string[], folder: string): number {
  try {
    const asked = askedFor(argv);
    if (!asked) console.log(usage);
    else console.log(create(asked, folder));
    return 0;
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    console.error(`create-espalier: ${error.message}`);
    return 2;
  }
}

/** Undefined where help is asked for. */
function askedFor(argv: readonly string[]): Asked | undefined {
  const { values, positionals } = parsed(argv);
  if (values.help) return undefined;
  const [packageName, ...more] = positionals;
  if (packageName === undefined || more.length > 0)
    throw new Mistake(
      `Expected one name, found ${positionals.length === 0 ? 'none' : positionals.join(', ')}. npm takes flags for its own unless they stand ` +
        'behind "--":\n\n  npm create espalier -- my-explainer --kind explainer',
    );
  const { kind = '' } = values;
  if (!isKind(kind)) {
    const found = values.kind === undefined ? 'none' : JSON.stringify(kind);
    throw new Mistake(`Expected --kind with one of ${Object.keys(packageKinds).join(', ')}; found ${found}.`);
  }
  return {
    ...nameOf(packageName, kind),
    kind,
    isStochastic: values.stochastic === true,
    git: values['no-git'] !== true,
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        kind: { type: 'string' },
        stochastic: { type: 'boolean' },
        'no-git': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new Mistake(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

/**
 * The name of the package and of the method in it. A run finds executors and stores by their names, so these begin as runs expect.
 */
function nameOf(given: string, kind: PackageKind): Pick<Asked, 'packageName' | 'name'> {
  const isFound = kind === 'executor' || kind === 'store';
  const [, scope = '', rest = ''] = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?([a-z0-9-]+)$/.exec(given) ?? [];
  const name = isFound ? rest.replace(`espalier-${kind}-`, '') : rest;
  if (rest === '' || given.length > 214 || builtinModules.includes(given))
    throw new Mistake(
      `Expected a name that an npm package can have and a study can use, such as my-explainer or @me/my-explainer; found ${JSON.stringify(given)}` +
        `${builtinModules.includes(given) ? ', which is a module of Node' : ''}. Use small letters, digits and "-".`,
    );
  if (isFound && scope !== '')
    throw new Mistake(
      `A run finds ${kind === 'store' ? 'a store by the scheme of its URL' : 'an executor by a short name'}, as the package espalier-${kind}-${name}; found the scope ${scope}. Leave it out.`,
    );
  return { packageName: isFound ? `espalier-${kind}-${name}` : given, name };
}

/** Writes the repository; returns what to tell. */
function create({ name, packageName, kind, isStochastic, git }: Asked, folder: string): string {
  const target = join(folder, name);
  const files = repositoryFiles({ kind, name, packageName, isStochastic });
  expectFree(target);
  if (git) expectGit();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), text);
  }
  const isInside = git && !initialised(target);
  return [
    `${packageKinds[kind].what}, the package ${packageName}, is in ${target}.`,
    ...(isInside ? ['It is part of the git repository around it.'] : []),
    `\n  cd ${name}\n  npm install\n  npm test\n\nREADME.md says what comes next; the method is in src/${name}.ts.`,
  ].join('\n');
}

function expectFree(target: string): void {
  let entries: readonly string[];
  try {
    entries = readdirSync(target);
  } catch (error) {
    const code = Object(error).code;
    if (code === 'ENOENT') return;
    throw new Mistake(
      `${target} is ${code === 'ENOTDIR' ? 'a file' : `not readable (${code})`}. Choose another name, or move it away.`,
    );
  }
  if (entries.length > 0)
    throw new Mistake(
      `The folder ${target} is there and not empty: it has ${entries.slice(0, 3).join(', ')}. Choose another name, or empty it.`,
    );
}

function expectGit(): void {
  try {
    execFileSync('git', ['--version'], { stdio: 'ignore' });
  } catch {
    throw new Mistake('git was not found, so no repository can be made. Install it, or go without: --no-git.');
  }
}

/** Makes a git repository, unless the folder is within one. */
function initialised(target: string): boolean {
  try {
    execFileSync('git', ['rev-parse', '--is-inside-work-tree'], { cwd: target, stdio: 'ignore' });
    return false;
  } catch {
    execFileSync('git', ['init', '--quiet'], { cwd: target, stdio: 'ignore' });
    return true;
  }
}
