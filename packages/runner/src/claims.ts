import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beatEveryMs, lifeSigns, newOwner, type Owner, ownerIn, shown } from './claim-owner.ts';

/** What came of asking for an instance: it is ours to run, or a run that is alive has it. */
export type Claim = { readonly heldBy: string } | OwnClaim;

export interface OwnClaim {
  readonly heldBy: null;
  /** Aborted, for the name of its new owner, when another run has taken it over: this one was silent for too long. */
  readonly lost?: AbortSignal;
  release(): Promise<void>;
}

/** Says among the runs on one store who computes what. It saves work; no result rests on it. */
export interface Claims {
  take(key: string): Promise<Claim>;
}

/**
 * Claims as files in `folder`, one per key, put there whole by a hard link, which fails when there is one.
 *
 * A claim whose owner is dead is taken over by moving it aside and looking at what was moved: if it is another than the
 * dead one's, it is put back. Two runs that both believe to own a key would write the same bytes.
 *
 * @param now milliseconds of a clock that does not go back
 */
export function fileClaims(folder: string, now: () => number = () => performance.now()): Claims {
  const lives = lifeSigns<number>(now);
  return {
    async take(key) {
      const path = join(folder, key);
      const me = newOwner();
      for (;;) {
        if (await place(path, me)) return owned(path, me);
        const owner = await readOwner(path);
        if (!owner) continue; // it has just been given up
        if (await lives(owner, async () => (await stat(path)).mtimeMs).catch(() => true))
          return { heldBy: shown(owner) };
        await bury(path, owner);
      }
    },
  };
}

function owned(path: string, me: Owner): Claim {
  const beat = setInterval(() => {
    const time = new Date();
    utimes(path, time, time).catch(() => {}); // a claim that is lost costs work, not results
  }, beatEveryMs);
  beat.unref();
  return {
    heldBy: null,
    async release() {
      clearInterval(beat);
      if ((await readOwner(path))?.id === me.id) await rm(path, { force: true });
    },
  };
}

/** Puts a claim at `path` unless there is one. Where the disk takes none, everybody gets what they ask for. */
async function place(path: string, me: Owner): Promise<boolean> {
  const own = `${path}.${me.id}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(own, JSON.stringify(me));
  } catch {
    return true;
  }
  try {
    await link(own, path);
    return true;
  } catch (error) {
    return codeOf(error) !== 'EEXIST';
  } finally {
    await rm(own, { force: true }).catch(() => {});
  }
}

async function bury(path: string, dead: Owner): Promise<void> {
  const grave = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await rename(path, grave);
    if ((await readOwner(grave))?.id !== dead.id) await link(grave, path);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(codeOf(error))) throw error; // somebody else was faster
  } finally {
    await rm(grave, { force: true });
  }
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return ownerIn(await readFile(path, 'utf8'));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
