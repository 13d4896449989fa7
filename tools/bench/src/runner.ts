import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');

/** A matrix in the planted study's own sizes: two networks, each trained, pruned, explained and measured. */
const matrix = ['--param', 'seeds=[0,1]', '--only', 'protocol/maps/road', '--only', 'protocol/maps/gini'];
/** The whole graph with as little work in it as makes sense. */
const small = ['--profile', 'smoke', '--param', 'protocol.conceptImages=4'];
const repeats = 7;

/** The runner on wasm: two instances at once against one by one, and a run of which everything is there. */
export async function* benchRunner(): AsyncGenerator<string> {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-bench-'));
  try {
    cpSync(join(root, 'studies/planted.json'), join(folder, 'study.json'));
    const seconds: Record<number, number> = {};
    for (const jobs of [1, 2]) {
      const { wallMs, instances } = await run(folder, [...matrix, '--store', `store-${jobs}`, '--jobs', String(jobs)]);
      seconds[jobs] = wallMs / 1000;
      yield `runner  ${instances} instances, ${jobs} at once: ${seconds[jobs].toFixed(1)} s`;
    }
    yield `runner  two at once are ${(seconds[1]! / seconds[2]!).toFixed(2)} times as fast as one by one`;
    await run(folder, small);
    const again: Measured[] = [];
    for (let i = 0; i < repeats; i++) again.push(await run(folder, small));
    const times = again.map(({ wallMs }) => wallMs / 1000).sort((a, b) => a - b);
    const peakBytes = Math.max(...again.map((measured) => measured.peakBytes));
    const peak = peakBytes === 0 ? '' : `, ${Math.round(peakBytes / 2 ** 20)} MiB at most in the orchestrator`;
    const [median, slowest] = [times[times.length >> 1]!, times.at(-1)!];
    yield `runner  ${again[0]!.instances} instances that are all there: ${median.toFixed(2)} s, start included ` +
      `(median of ${repeats}; slowest ${slowest.toFixed(2)} s)${peak}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Measured {
  readonly wallMs: number;
  readonly instances: number;
  /** Most resident memory of the orchestrator; 0 where the system does not tell. */
  readonly peakBytes: number;
}

async function run(folder: string, args: readonly string[]): Promise<Measured> {
  const program = join(root, 'packages/runner/bin/espalier.js');
  const start = performance.now();
  const all = [program, 'run', 'study.json', '--engine', 'wasm', ...args];
  const child = spawn(process.execPath, all, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  let peakBytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
    peakBytes = Math.max(peakBytes, peakOf(child.pid!));
  });
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(`espalier run failed:\n${output}`);
  const instances = output.match(/^(done|cached) /gm)?.length ?? 0;
  return { wallMs: performance.now() - start, instances, peakBytes };
}

function peakOf(pid: number): number {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
