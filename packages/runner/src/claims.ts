import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';

/** What came of asking for an instance: it is ours to run, or a run that is alive has it. */
export type Claim = { readonly heldBy: string } | { readonly heldBy: null; release(): Promise<void> };

/** Says among the runs on one store who computes what. It saves work; no result rests on it. */
export interface Claims {
  take(key: string): Promise<Claim>;
}

interface Owner {
  readonly id: string;
  /** Machine, boot and process namespace: within one, a process number says who is alive. */
  readonly host: string;
  readonly pid: number;
  /** When the process began, as the system counts, so that a later process with its number is not taken for it. */
  readonly since: string;
}

// Another machine's process can only be seen to be alive by what it writes.
const beatEveryMs = 10_000;
const silentForMs = 60_000;

/**
 * Claims as files in `folder`, one per key, put there whole by a hard link, which fails when there is one.
 *
 * A claim whose owner is dead is taken over by moving it aside and looking at what was moved: if it is another than the
 * dead one's, it is put back. Two runs that both believe to own a key would write the same bytes.
 *
 * @param now milliseconds of a clock that does not go back
 */
export function fileClaims(folder: string, now: () => number = () => performance.now()): Claims {
  const seen = new Map<string, { readonly beat: number; readonly at: number }>();

  const isAlive = async (path: string, owner: Owner): Promise<boolean> => {
    if (owner.host === thisHost()) return processStart(owner.pid) === owner.since;
    const beat = (await stat(path)).mtimeMs;
    const last = seen.get(owner.id);
    if (last?.beat !== beat) seen.set(owner.id, { beat, at: now() });
    return last?.beat !== beat || now() - last.at < silentForMs;
  };

  return {
    async take(key) {
      const path = join(folder, key);
      const me: Owner = { id: randomBytes(8).toString('hex'), host: thisHost(), pid: process.pid, since: myStart() };
      for (;;) {
        if (await place(path, me)) return owned(path, me);
        const owner = await readOwner(path);
        if (!owner) continue; // it has just been given up
        if (await isAlive(path, owner).catch(() => true)) return { heldBy: shown(owner) };
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
    const owner: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isOwner(owner) ? owner : { id: '', host: thisHost(), pid: 0, since: '' }; // damaged: nobody's
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    if (error instanceof SyntaxError) return { id: '', host: thisHost(), pid: 0, since: '' };
    throw error;
  }
}

function isOwner(value: unknown): value is Owner {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['id', 'host', 'since'].every((key) => typeof (value as Record<string, unknown>)[key] === 'string') &&
    typeof (value as Record<string, unknown>).pid === 'number'
  );
}

function shown({ pid, host }: Owner): string {
  return `process ${pid} on ${host.split(' ')[0]}`;
}

let host: string | undefined;

function thisHost(): string {
  host ??= [hostname(), readOr('/proc/sys/kernel/random/boot_id'), namespaceOf()].join(' ').trim();
  return host;
}

function namespaceOf(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function myStart(): string {
  return processStart(process.pid) ?? '';
}

/** When a process began; undefined when there is none, an empty text where the system does not tell. */
function processStart(pid: number): string | undefined {
  if (pid <= 0) return undefined;
  const line = readOr(`/proc/${pid}/stat`);
  // The name of the program comes second, in parentheses, and may hold anything.
  if (line !== '') return isZombie(line) ? undefined : line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
  try {
    process.kill(pid, 0);
    return '';
  } catch (error) {
    return codeOf(error) === 'EPERM' ? '' : undefined;
  }
}

function isZombie(line: string): boolean {
  return line[line.lastIndexOf(')') + 2] === 'Z';
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
