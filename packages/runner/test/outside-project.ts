import { cpSync, renameSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { main } from '../src/command-line/cli.ts';

/** A project outside the repository: its own packages, a metric in a folder, a study. */
export function outsideProject(): string {
  const folder = join(temporaryFolder(), 'project');
  cpSync(join(import.meta.dirname, 'fixtures/outside'), folder, { recursive: true });
  renameSync(join(folder, 'node_modules_'), join(folder, 'node_modules')); // git ignores the real name
  const zod = dirname(createRequire(import.meta.url).resolve('zod/package.json'));
  symlinkSync(zod, join(folder, 'node_modules/zod'), 'dir');
  return folder;
}

/** Runs the command; paths of `folder` are written as <project>. */
export async function espalier(folder: string, ...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const code = await main(argv, {
    isTerminal: false,
    columns: 80,
    write: (text) => {
      written.out += text;
    },
    writeError: (text) => {
      written.err += text;
    },
  });
  const plain = (text: string) =>
    text
      .replaceAll(folder, '<project>')
      .replace(/\d+(\.\d+)?m?s\b/g, 'T')
      .replace(/ +T/g, ' T')
      .replace(/\d{8}T\d{6}Z-\w{4}/, '<run>');
  return { code, out: plain(written.out), err: plain(written.err) };
}
