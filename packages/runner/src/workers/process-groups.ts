import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/*
 * Process groups that end with this process, however it ends. A worker in the middle of a long call hears no message, so each
 * one leads a group of its own, which takes in what it starts, and groups are killed: by this process when it exits; by the
 * reaper, another small process, when this one was killed and cannot.
 */

const groups = new Set<number>();
let reaper: ChildProcess | undefined;
let areSuspended = false;

/** How to start a process that leads a group of its own; Windows has none. */
export const leadsGroup = { detached: process.platform !== 'win32' };

/** Takes over the group of a process started with {@link leadsGroup}, until its leader ends: the rest of it then ends, too. */
export function adoptGroup(leader: ChildProcess): void {
  const { pid } = leader;
  if (pid === undefined) return; // it could not be started
  if (groups.size === 0) listen();
  groups.add(pid);
  tellReaper(`+${pid}\n`);
  leader.once('exit', () => {
    killGroup(pid);
    groups.delete(pid);
    tellReaper(`-${pid}\n`);
    if (groups.size === 0) stopListening();
  });
}

/** Sees to it that the groups end even when this process is killed. To be called before they are given work. */
export function startReaper(): void {
  if (reaper) return;
  const program = fileURLToPath(new URL('../../bin/reaper.js', import.meta.url));
  const started = spawn(process.execPath, [program], {
    ...leadsGroup, // what ends this process's group must not end it
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  reaper = started;
  started.unref();
  const pipe = started.stdin as typeof started.stdin & { unref(): void }; // a pipe to a process is a socket
  pipe.unref();
  pipe.on('error', () => {}); // its end is told by its exit
  started.on('error', () => {}); // without one, groups end with this process unless it is killed
  started.once('exit', (_, killedBy) => {
    reaper = undefined;
    if (killedBy !== null) startReaper();
  });
  for (const pid of groups) tellReaper(`+${pid}\n`);
}

/** Kills a process that leads a group, and all that it has started. */
export function killGroup(pid: number): void {
  signalGroup(pid, 'SIGKILL');
}

function killAll(): void {
  for (const pid of groups) killGroup(pid);
}

function tellReaper(line: string): void {
  reaper?.stdin?.write(line);
}

// Ctrl-Z reaches the group of the terminal only, and means all of the run.
function suspend(): void {
  areSuspended = true;
  for (const pid of groups) signalGroup(pid, 'SIGSTOP');
  process.kill(process.pid, 'SIGSTOP');
}

function resume(): void {
  if (!areSuspended) return;
  areSuspended = false;
  for (const pid of groups) signalGroup(pid, 'SIGCONT');
}

function listen(): void {
  process.on('exit', killAll);
  process.on('SIGTSTP', suspend);
  process.on('SIGCONT', resume);
}

function stopListening(): void {
  process.off('exit', killAll);
  process.off('SIGTSTP', suspend);
  process.off('SIGCONT', resume);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  if (!groups.has(pid)) return; // its number may be another's by now
  try {
    process.kill(leadsGroup.detached ? -pid : pid, signal);
  } catch {
    // All of it has just ended by itself.
  }
}
