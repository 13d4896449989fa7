import { readSync } from 'node:fs';

/**
 * Reads from standard input, line by line, which process groups there are (`+123`) and are no longer (`-123`). When the
 * input ends, its writer has ended: kills those that are left.
 *
 * It shall outlive its writer, so it ends by nothing that ends a whole session or service, except SIGKILL.
 */
export function reap(): void {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  const groups = new Set<number>();
  for (const line of linesOf(0)) {
    const pid = Number(line.slice(1));
    if (line.startsWith('+')) groups.add(pid);
    else groups.delete(pid);
  }
  for (const pid of groups) kill(pid);
}

// Waits inside the call: nothing else is to be done, and a stream would take more memory than all the rest.
function* linesOf(file: number): Generator<string> {
  const buffer = Buffer.alloc(4096);
  let rest = '';
  for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
    const lines = (rest + buffer.toString('latin1', 0, length)).split('\n');
    rest = lines.pop()!; // a split text has at least one part
    yield* lines;
  }
}

function kill(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
