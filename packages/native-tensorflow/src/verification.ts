import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuFlags } from './cpu.ts';
import { cacheFolder } from './native-key.ts';

export type Verification = { readonly version: string; readonly gpu: boolean } | { readonly problem: string };

// Both src/native and dist/native are two folders below the package's root.
const program = fileURLToPath(new URL('../native/verify.mjs', import.meta.url));

/** A new GPU generation makes CUDA compile its kernels on first use, which takes minutes. */
const timeoutMs = 300_000;

/**
 * Loads the addon in a child process and compares a convolution and its gradients with plain loops, so that a library that
 * aborts (too new for this CPU, wrong CUDA) is a sentence here and not the end of this process.
 */
export function verifyBinding(path: string): Verification {
  const child = spawnSync(process.execPath, [program, path], {
    encoding: 'utf8',
    timeout: timeoutMs,
    env: { ...process.env, NODE_OPTIONS: '', TF_CPP_MIN_LOG_LEVEL: process.env.TF_CPP_MIN_LOG_LEVEL ?? '3' },
  });
  const answer = parseAnswer(child.stdout);
  if (answer) return answer;
  if (child.error) return { problem: child.error.message };
  const lastLine = child.stderr.trim().split('\n').at(-1) ?? '';
  return { problem: `it ended with ${child.signal ?? `status ${child.status}`}${lastLine && `: ${lastLine}`}` };
}

/** The last line that the child wrote, when it is an answer and not something else that the library printed. */
function parseAnswer(stdout: string | null): Verification | null {
  try {
    const answer: unknown = JSON.parse(stdout?.trim().split('\n').at(-1) ?? '');
    const isAnswer = typeof answer === 'object' && answer !== null && ('version' in answer || 'problem' in answer);
    // The child is our own program, which writes one of these two forms.
    return isAnswer ? (answer as Verification) : null;
  } catch {
    return null;
  }
}

/** As `verifyBinding`, but at most once per machine and file: a success is recorded in the user's cache. Null when all is well. */
export function bindingProblem(path: string, cache: string = cacheFolder()): string | null {
  if (!existsSync(path)) return 'it has gone, another install may be under way';
  if (existsSync(recordPath(path, cache))) return null;
  const verification = verifyBinding(path);
  if ('problem' in verification) return verification.problem;
  recordVerified(path, cache);
  return null;
}

/** Notes that the addon at `path` computes on this machine. */
export function recordVerified(path: string, cache: string): void {
  try {
    mkdirSync(join(cache, 'verified'), { recursive: true });
    writeFileSync(recordPath(path, cache), `${path}\n`);
  } catch {
    // A cache that cannot be written costs a second per process, not the native library.
  }
}

function recordPath(path: string, cache: string): string {
  const { size, mtimeMs } = statSync(path);
  const facts = [realpathSync(path), size, mtimeMs, process.versions.modules, cpuFlags()];
  return join(cache, 'verified', createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32));
}
