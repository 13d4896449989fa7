import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { keptForOwn, type Printed } from '../src/command-line/commands/strays.ts';
import { outsideProject } from './outside-project.ts';

const secret = 'Zq7vx9Kp-of-mine';

afterEach(() => vi.unstubAllEnvs());

/** A stream of the process, and what has arrived there. */
function stream(): Printed & { readonly arrived: string[] } {
  const arrived: string[] = [];
  const write = (chunk: string | Uint8Array): boolean => arrived.push(Buffer.from(chunk).toString()) > 0;
  return Object.assign(new EventEmitter(), { arrived, write });
}

test('what others print on a stream goes elsewhere, by lines, without secrets and control characters', async () => {
  vi.stubEnv('SOME_TOKEN', secret);
  const printed = stream();
  const strays: string[] = [];
  const own = keptForOwn(printed, (text) => void strays.push(text));
  own.write('\x1b[2Amine\n');
  printed.write('it is Zq7vx9');
  printed.write(Buffer.from('Kp-of-mine\x1b[2J\n'));
  printed.write('6b', 'hex');
  await new Promise<void>((resolve) => printed.write('\n', () => resolve()));
  await new Promise<void>((resolve) => printed.write(Buffer.from('é\n').subarray(0, 1), 'utf8', () => resolve()));
  printed.write(Buffer.from('é\n').subarray(1));
  expect(printed.arrived).toEqual(['\x1b[2Amine\n']);
  expect(strays.join('')).toMatch(/^it is \*{3}\S*\nk\né\n$/);
  expect(strays.join('')).not.toContain('\x1b');
  expect(keptForOwn(printed, () => {})).toBe(own);
});

test('a package that prints when it is imported tells no secret and spoils no JSON', () => {
  const folder = outsideProject();
  appendFileSync(
    join(folder, 'local-metric/index.js'),
    `console.log('log ' + process.env.SOME_TOKEN);
     console.error('error ' + process.env.SOME_TOKEN);
     for (const letter of process.env.SOME_TOKEN) process.stdout.write(letter);`,
  );
  const program = join(import.meta.dirname, '../bin/espalier.js');
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, 'plan', 'study.json', '--json'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, SOME_TOKEN: secret },
  });
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toBeInstanceOf(Object);
  expect(stderr).toBe('log ***\nerror ***\n***\n');
});
