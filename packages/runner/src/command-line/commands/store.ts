import { dirname, join, resolve } from 'node:path';
import { StudyError } from '@espalier/core';
import { collectGarbage, repairStore, type StoreParts, storeFolder, storeUse, verifyStore } from '@espalier/store';
import { milliseconds } from '@espalier/study';
import { type Command, InvalidArgumentError } from 'commander';
import { isUrl, openParts, storeLocation } from '../../plugins/open-store.ts';
import { counted, memory } from '../../text/format.ts';
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
      .option(
        '--store <folder>',
        'the store itself, a folder or URL (default: .espalier/store beside the study, else here)',
      );
  command('verify', 'read everything and say what is damaged')
    .option('--repair', 'take damaged files away, so that the next run computes them again', false)
    .action(async (study: string | undefined, flags: StoreFlags & { repair: boolean }) =>
      finish(await verifyCommand(await partsOf(study, flags), flags.repair, output)),
    );
  command('gc', 'remove what no result needs')
    .option('--unused-for <time>', 'also results that no run has used for so long, for example 30d', longTime)
    .option('--dry', 'only say what would be removed', false)
    .action(async (study: string | undefined, flags: StoreFlags & { unusedFor?: number; dry: boolean }) =>
      finish(await gcCommand(await partsOf(study, flags), flags, output)),
    );
  command('du', 'show what takes how much room').action(async (study: string | undefined, flags: StoreFlags) =>
    finish(await duCommand(await partsOf(study, flags), output)),
  );
}

async function verifyCommand(parts: StoreParts, repair: boolean, output: Output): Promise<number> {
  const { location } = parts;
  const verdict = await verifyStore(parts);
  const { damages, strange } = verdict;
  for (const path of strange) output.write(`unknown  ${path}: no store writes this; it is left alone\n`);
  for (const { path, text } of damages) output.write(`damaged  ${path}: ${text}\n`);
  if (damages.length === 0) {
    output.write(`${location} is whole.\n`);
    return 0;
  }
  const found = `${counted(damages.length, 'damaged file')} in ${location}`;
  if (!repair) {
    output.write(`Found ${found}. --repair removes them; the next run then computes again what needs them.\n`);
    return 1;
  }
  const { removed, left } = await repairStore(parts, verdict);
  output.write(
    `Found ${found}, removed ${removed.length}. The next run computes again what needs them.${left.length > 0 ? ` Move away the ${counted(left.length, 'folder')} yourself.` : ''}\n`,
  );
  return left.length > 0 ? 1 : 0;
}

async function gcCommand(
  parts: StoreParts,
  { unusedFor, dry }: { readonly unusedFor?: number; readonly dry: boolean },
  output: Output,
): Promise<number> {
  const options = { unusedForMs: unusedFor ?? null, dry, nowMs: Date.now() };
  const { garbage, strange } = await collectGarbage(parts, options);
  const bytes = garbage.reduce((sum, file) => sum + file.bytes, 0);
  if (dry) for (const { path } of garbage) output.write(`${path}\n`);
  output.write(`${dry ? 'Would remove' : 'Removed'} ${counted(garbage.length, 'file')}, ${memory(bytes)}.\n`);
  if (strange > 0) output.write(`Left alone ${counted(strange, 'file')} that no store writes.\n`);
  return 0;
}

async function duCommand(parts: StoreParts, output: Output): Promise<number> {
  const uses = await storeUse(parts);
  const width = Math.max(5, ...uses.map(({ type }) => type.length));
  for (const { type, results, bytes } of uses)
    output.write(`${type.padEnd(width)}  ${String(results).padStart(6)}  ${memory(bytes).padStart(9)}\n`);
  const files = uses.reduce((sum, { results }) => sum + results, 0);
  const total = uses.reduce((sum, { bytes }) => sum + bytes, 0);
  output.write(`${'total'.padEnd(width)}  ${String(files).padStart(6)}  ${memory(total).padStart(9)}\n`);
  return 0;
}

async function partsOf(study: string | undefined, { store }: StoreFlags): Promise<StoreParts> {
  const location = store === undefined ? undefined : storeLocation(store);
  if (location !== undefined && isUrl(location)) return openParts(location);
  const folder = location ?? resolve(join(study === undefined ? '.' : dirname(study), '.espalier/store'));
  if (storeFolder(folder).isThere()) return openParts(folder);
  throw new StudyError(
    'study/unreadable',
    `There is no store in ${folder}. Name the study beside which it is, or the folder itself with --store.`,
  );
}

function longTime(text: string): number {
  const ms = milliseconds(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError('Write a length of time, for example 12h or 30d.');
}
