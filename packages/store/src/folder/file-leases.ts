import { randomBytes } from 'node:crypto';
import { mkdir, rename, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { StudyError } from '@espalier/core';
import { beatEveryMs, giveUp, lifeSigns, newOwner, type Owner, ownerIn, shown } from '../leases/lease-owner.ts';
import type { Lease, Leases } from '../leases/leases.ts';
import { type Link, putExclusively } from './exclusive-file.ts';
import { type StoreFolder, storeFolder } from './store-folder.ts';
import { systemCode } from './unreadable.ts';

export interface FileLeasesOptions {
  /** The folder that leases are read in; by default one of its own. */
  readonly files?: StoreFolder;
  /** Milliseconds of a clock that does not go back. */
  readonly now?: () => number;
  readonly hardLink?: Link;
}

/**
 * Leases as files in `folder`, one per key, put there whole by a hard link, which fails when there is one.
 *
 * A lease whose owner is dead is taken over by moving it aside and looking at what was moved: if it is another than the
 * dead one's, it is put back. Two runs that both believe to own a key would write the same bytes.
 */
export function fileLeases(folder: string, options: FileLeasesOptions = {}): Leases {
  const { files = storeFolder(folder), now = () => performance.now(), hardLink } = options;
  const lives = lifeSigns<number>(now);
  const ask = async (path: string, me: Owner): Promise<Lease> => {
    for (let tries = 0; tries < mostTries; tries++) {
      if (tries > 0) await pause(tries * 5);
      if (await place(path, me, hardLink)) return owned(path, me, files);
      const owner = await ownerAt(path, files);
      if (!owner) continue; // it has just been given up
      if (owner.id === me.id) return owned(path, me, files); // the reply to our own link was lost
      if (await lives(owner, async () => (await stat(path)).mtimeMs).catch(() => true)) {
        giveUp(me);
        return { heldBy: shown(owner) };
      }
      await takeAway(path, owner, files);
    }
    throw new StudyError(
      'store/lease-stuck',
      `${path} comes and goes: ${mostTries} times it was neither there to be read nor free. Look after the disk or the network drive, then run the command again.`,
    );
  };
  return {
    async take(key) {
      const me = newOwner();
      try {
        return await ask(join(folder, key), me);
      } catch (error) {
        giveUp(me);
        throw error;
      }
    },
  };
}

const mostTries = 50;

function owned(path: string, me: Owner, files: StoreFolder): Lease {
  const beat = setInterval(() => {
    const time = new Date();
    utimes(path, time, time).catch(() => {}); // a lease that is lost costs work, not results
  }, beatEveryMs);
  beat.unref();
  return {
    heldBy: null,
    async release() {
      clearInterval(beat);
      giveUp(me);
      try {
        if ((await ownerAt(path, files))?.id === me.id) files.remove(path);
      } catch {} // one that stays counts as given up, here at once and elsewhere when this process has ended
    },
  };
}

/** Puts a lease at `path` unless there is one. Where the disk takes none, everybody gets what they ask for. */
async function place(path: string, owner: Owner, hardLink?: Link): Promise<boolean> {
  const beside = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    return await putExclusively(path, JSON.stringify(owner), { beside, hardLink });
  } catch {
    return true;
  }
}

async function takeAway(path: string, dead: Owner, files: StoreFolder): Promise<void> {
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return; // somebody else was faster
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StudyError(
      'store/lease-stuck',
      `${path} says that ${shown(dead)} computes this. That process has ended, but the file cannot be taken away (${reason}). Remove it, then run the command again.`,
      { cause },
    );
  }
  const moved = await ownerAt(aside, files);
  if (moved && moved.id !== dead.id) await place(path, moved);
  files.remove(aside);
}

// A lease is a line of JSON.
const mostLeaseBytes = 2 ** 16;

// Where there are no hard links a lease is empty for a moment.
const lookAgainMs = [0, 20, 100, 400];

/** Who has taken `path`; nobody, where it holds something else; undefined where there is no lease. */
async function ownerAt(path: string, files: StoreFolder): Promise<Owner | undefined> {
  let owner: Owner | undefined;
  for (const wait of lookAgainMs) {
    if (wait > 0) await pause(wait);
    const found = files.read(path, mostLeaseBytes);
    if (!found) return undefined;
    owner = ownerIn('text' in found ? '' : found.toString('utf8'));
    if (owner.id !== '' || 'text' in found) break;
  }
  return owner;
}
