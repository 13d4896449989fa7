import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { StudyError } from '@espalier/core';
import { type Command, InvalidArgumentError } from 'commander';
import { isUrl } from '../open-store.ts';
import { counted, memory } from '../progress/format.ts';
import { milliseconds } from '../quantities.ts';
import { collectGarbage, storeUse, verifyStore } from '../store-care.ts';
import type { Output } from './output.ts';

interface StoreFlags {
  readonly store?: string;
}

/** Adds `store verify`, `store gc` and `store du` to the program. */
export function addStoreCommands(program: Command, output: Output, finish: (code: number) => void): void {
  const store = program.command('store').description('what is kept of results');
  const command = (name: string, description: string): Command =>
    store
      .command(name)
      .description(description)
      .argument('[study]', 'the study beside which the store is')
      .option('--store <folder>', 'the store itself (default: .espalier/store beside the study, else here)');
  command('verify', 'read everything and say what is damaged')
    .option('--repair', 'take damaged files away, so that the next run computes them again', false)
    .action(async (study: string | undefined, flags: StoreFlags & { repair: boolean }) =>
      finish(await verifyCommand(folderOf(study, flags), flags.repair, output)),
    );
  command('gc', 'remove what no result needs')
    .option('--unused-for <time>', 'also results that no run has used for so long, for example 30d', longTime)
    .option('--dry', 'only say what would be removed', false)
    .action(async (study: string | undefined, flags: StoreFlags & { unusedFor?: number; dry: boolean }) =>
      finish(await gcCommand(folderOf(study, flags), flags, output)),
    );
  command('du', 'show what takes how much room').action(async (study: string | undefined, flags: StoreFlags) =>
    finish(await duCommand(folderOf(study, flags), output)),
  );
}

async function verifyCommand(folder: string, repair: boolean, output: Output): Promise<number> {
  const damages = await verifyStore(folder, repair);
  for (const { path, text } of damages) output.write(`damaged  ${path}: ${text}\n`);
  if (damages.length === 0) {
    output.write(`${folder} is whole.\n`);
    return 0;
  }
  const found = `${counted(damages.length, 'damaged file')} in ${folder}`;
  if (repair) output.write(`Removed ${found}. The next run computes again what needs them.\n`);
  else output.write(`Found ${found}. --repair removes them; the next run then computes again what needs them.\n`);
  return repair ? 0 : 1;
}

async function gcCommand(
  folder: string,
  { unusedFor, dry }: { readonly unusedFor?: number; readonly dry: boolean },
  output: Output,
): Promise<number> {
  const garbage = await collectGarbage(folder, { unusedForMs: unusedFor ?? null, dry, nowMs: Date.now() });
  const bytes = garbage.reduce((sum, file) => sum + file.bytes, 0);
  if (dry) for (const { path } of garbage) output.write(`${path}\n`);
  output.write(`${dry ? 'Would remove' : 'Removed'} ${counted(garbage.length, 'file')}, ${memory(bytes)}.\n`);
  return 0;
}

async function duCommand(folder: string, output: Output): Promise<number> {
  const uses = await storeUse(folder);
  const width = Math.max(5, ...uses.map(({ type }) => type.length));
  for (const { type, results, bytes } of uses)
    output.write(`${type.padEnd(width)}  ${String(results).padStart(6)}  ${memory(bytes).padStart(9)}\n`);
  const files = uses.reduce((sum, { results }) => sum + results, 0);
  const total = uses.reduce((sum, { bytes }) => sum + bytes, 0);
  output.write(`${'total'.padEnd(width)}  ${String(files).padStart(6)}  ${memory(total).padStart(9)}\n`);
  return 0;
}

function folderOf(study: string | undefined, { store }: StoreFlags): string {
  if (store !== undefined && isUrl(store)) {
    throw new StudyError(
      'not-supported',
      `${store} is no folder; verify, gc and du read folders. What a run reads of it is checked in any case; to remove results, remove objects.`,
    );
  }
  const folder = resolve(store ?? join(study === undefined ? '.' : dirname(study), '.espalier/store'));
  if (existsSync(folder)) return folder;
  throw new StudyError(
    'study-unreadable',
    `There is no store in ${folder}. Name the study beside which it is, or the folder itself with --store.`,
  );
}

function longTime(text: string): number {
  const ms = milliseconds(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError('Write a length of time, for example 12h or 30d.');
}
