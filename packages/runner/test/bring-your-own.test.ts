import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { picture } from '../../data-folder/test/tiny-folder.ts';
import { exporterLine } from '../../model-onnx/src/decode/model-error.ts';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { main } from '../src/command-line/cli.ts';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/bring-your-own.md'), 'utf8');

/** The lines of all blocks of code in a language. */
function linesOf(language: string): readonly string[] {
  const blocks = [...page.matchAll(new RegExp(`\`\`\`${language}\\n([^\`]*)\`\`\``, 'g'))];
  return blocks.flatMap(([, block]) => block!.trim().split('\n'));
}

/** What the page has the reader bring: ten classes of twelve images each, and a network that tells ten apart. */
async function project(): Promise<string> {
  const folder = temporaryFolder();
  const fixtures = join(root, 'packages/model-onnx/test/fixtures');
  copyFileSync(join(fixtures, 'resnet50.recipe.onnx'), join(folder, 'network.onnx'));
  for (let k = 0; k < 10; k++) {
    mkdirSync(join(folder, `photos/class ${k}`), { recursive: true });
    for (let i = 0; i < 12; i++)
      await picture(30 + k, 40 - i, 12 * k + i).toFile(join(folder, `photos/class ${k}/${i}.png`));
  }
  return folder;
}

test('the commands of the page do what it says', { timeout: 120_000 }, async () => {
  const folder = await project();
  const [init, run, ...rest] = linesOf('sh').map((line) => line.split(' '));
  expect([init?.slice(0, 3), run?.slice(0, 3), rest]).toEqual([
    ['npx', 'espalier', 'init'],
    ['npx', 'espalier', 'run'],
    [],
  ]);
  const here = (word: string) => (/^[\w-]+(\.\w+)?$/.test(word) && !word.startsWith('--') ? join(folder, word) : word);
  let told = '';
  const write = (text: string): void => {
    told += text;
  };
  const streams = { isTerminal: false, columns: 80, write, writeError: write };
  expect(await main(['init', ...init!.slice(3).map(here)], streams), told).toBe(0);
  expect(told).toContain('my-study: ');
  expect(told).toMatch(/^Time: about /m);
  // What would be run is all that is looked at here: running it is a minute.
  expect(await main(['run', ...run!.slice(3).map(here), '--dry'], streams)).toBe(0);
  const { include, nodes } = JSON.parse(
    readFileSync(join(folder, 'my-study.json'), 'utf8').replaceAll(/^\s*\/\/.*$/gm, ''),
  );
  expect(nodes.data.with).toMatchObject({ folder: 'photos', size: 32 });
  expect(include.protocol.in.scores).toEqual({ $from: 'speed.scores' });
});

test('the page has the line that errors and the README of ONNX files have', () => {
  const [line] = linesOf('python');
  const readme = readFileSync(join(root, 'packages/model-onnx/README.md'), 'utf8');
  expect(readme).toContain(line!.trim());
  expect(line!.replace('model.eval()', 'model')).toContain(exporterLine);
});

test('what the page offers besides is taken', async () => {
  const flags = [...page.matchAll(/`(--[^`]+)`/g)].map(([, words]) => words!);
  expect(flags.length).toBeGreaterThanOrEqual(5);
  const help: string[] = [];
  const write = (text: string): void => void help.push(text);
  await main(['init', '--help'], { isTerminal: false, columns: 200, write, writeError: write });
  for (const flag of flags.flatMap((words) => words.match(/--[a-z-]+/g)!)) expect(help.join('')).toContain(`${flag} `);
});
