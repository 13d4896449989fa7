import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** The process that has taken an instance. */
export interface Owner {
  readonly id: string;
  /** Machine, boot and process namespace: within one, a process number says who is alive. */
  readonly host: string;
  readonly pid: number;
  /** When the process began, as the system counts, so that a later process with its number is not taken for it. */
  readonly since: string;
}

/** Ids of the leases that this process has or asks for. */
const own = new Set<string>();

/** This process, for a new lease, until it is given up. */
export function newOwner(): Owner {
  const id = randomBytes(8).toString('hex');
  own.add(id);
  return { id, host: thisHost(), pid: process.pid, since: processStart(process.pid) ?? '' };
}

/** From now on a lease of this owner is nobody's, also where it could not be removed: else this process would wait for itself. */
export function giveUp({ id }: Owner): void {
  own.delete(id);
}

/** The owner that a lease's text names; nobody, of this machine, where it is damaged. */
export function ownerIn(text: string): Owner {
  try {
    const owner: unknown = JSON.parse(text);
    if (isOwner(owner)) return owner;
  } catch {}
  return { id: '', host: thisHost(), pid: 0, since: '' };
}

// Another machine's process can only be seen to be alive by what it writes.
export const beatEveryMs = 10_000;
const silentForMs = 60_000;

/**
 * Judges whether owners of leases are alive: those of this machine by their process, others by whether their lease changes.
 *
 * @param now milliseconds of a clock that does not go back
 */
export function lifeSigns<Sign>(
  now: () => number,
): (owner: Owner, sign: () => Promise<Sign> | Sign) => Promise<boolean> {
  const seen = new Map<string, { readonly sign: Sign; readonly at: number }>();
  return async (owner, signOf) => {
    if (owner.host === thisHost()) return isHere(owner);
    const sign = await signOf();
    const last = seen.get(owner.id);
    if (last?.sign !== sign) seen.set(owner.id, { sign, at: now() });
    return last?.sign !== sign || now() - last.at < silentForMs;
  };
}

function isHere({ id, pid, since }: Owner): boolean {
  return processStart(pid) === since && (pid !== process.pid || own.has(id));
}

function isOwner(value: unknown): value is Owner {
  const { id, host, since, pid } = Object(value) as Partial<Owner>; // looked at as far as it is there
  return [id, host, since].every((text) => typeof text === 'string') && typeof pid === 'number';
}

export function shown({ pid, host }: Owner): string {
  return `process ${pid} on ${host.split(' ')[0]}`;
}

let host: string | undefined;

function thisHost(): string {
  const namespace = () => readlinkSync('/proc/self/ns/pid');
  host ??= [hostname(), readOr('/proc/sys/kernel/random/boot_id'), told(namespace)].join(' ').trim();
  return host;
}

/** When a process began; undefined when there is none, an empty text where the system does not tell. */
function processStart(pid: number): string | undefined {
  if (pid <= 0) return undefined;
  const line = readOr(`/proc/${pid}/stat`);
  // The name of the program comes second, in parentheses, and may hold anything.
  const [state, ...fields] = line.slice(line.lastIndexOf(')') + 2).split(' ');
  if (line !== '') return state === 'Z' ? undefined : fields[18];
  try {
    process.kill(pid, 0);
    return '';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? '' : undefined;
  }
}

function readOr(path: string): string {
  return told(() => readFileSync(path, 'utf8').trim());
}

/** What the system tells; an empty text where it does not. */
function told(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
