import { spawn } from 'node:child_process';

export interface CommandResult {
  /** Null when a signal ended the command. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandPlace {
  readonly env: NodeJS.ProcessEnv;
  readonly folder?: string;
}

/** What the command answered, or null when there is no such program on the PATH of `place.env`. Never goes through a shell. */
export function runCommand(
  program: string,
  args: readonly string[],
  place: CommandPlace,
): Promise<CommandResult | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: place.env, cwd: place.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text.stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text.stderr += chunk;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EACCES') resolve(null);
      else reject(error);
    });
    child.on('close', (status) => resolve({ status, ...text }));
  });
}
