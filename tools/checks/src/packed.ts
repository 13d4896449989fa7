import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAll, root } from './workspace.ts';

/*
 * The packages as a stranger gets them: packed, installed from the tarballs into an empty project without links to
 * this repository, running a study there with an explainer that is not ours.
 */

const project = mkdtempSync(join(tmpdir(), 'espalier-packed-'));
const run = (command: string, ...args: readonly string[]): void => {
  console.log(`$ ${command} ${args.map((arg) => arg.replace(`${project}/`, '')).join(' ')}`);
  execFileSync(command, args, { cwd: project, stdio: 'inherit' });
};

try {
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'a-stranger', private: true, type: 'module' }));
  const tarballs = packAll(project);
  run('npm', 'install', '--no-audit', '--no-fund', ...tarballs);
  cpSync(
    join(root, 'tools/checks/packed/explainer-gradient-times-input'),
    join(project, 'node_modules/explainer-gradient-times-input'),
    { recursive: true },
  );
  writeFileSync(join(project, 'study.json'), JSON.stringify(strangersStudy(), null, 2));
  run('npx', 'espalier', 'plan', 'study.json');
  run('npx', 'espalier', 'run', 'study.json', '--out', 'out');
  for (const file of ['report.html', 'answer.md', 'results.json']) {
    if (!existsSync(join(project, 'out', file))) throw new Error(`The packed study wrote no ${file}.`);
  }
  const results = readFileSync(join(project, 'out/results.json'), 'utf8');
  if (!results.includes('gxi/gradient-times-input'))
    throw new Error('The results do not mention the foreign explainer.');
  console.log('packed: a study ran from the tarballs, with an explainer from outside this repository');
} finally {
  rmSync(project, { recursive: true, force: true });
}

/** The quickstart with a foreign explainer added by naming its package. */
function strangersStudy(): unknown {
  const study = JSON.parse(readFileSync(join(root, 'studies/quickstart.json'), 'utf8'));
  study.plugins.gxi = 'explainer-gradient-times-input';
  study.include.protocol.with.explainers = ['vg/saliency', 'gxi/gradient-times-input'];
  return study;
}
