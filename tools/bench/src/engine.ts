import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ComputeOptions, NdArray } from '@espalier/core';
import { type Arithmetic, type BenchCase, engineWorks, type Work, works } from './engine-works.ts';

/** The bars of the issue: our rate over PyTorch's fp32 rate. */
const bars: Record<Arithmetic, Record<Work, number>> = {
  exact: { forward: 0.9, gradient: 0.85, training: 0.7 },
  fast: { forward: 1.7, gradient: 1.6, training: 1.3 },
};

const cases: readonly BenchCase[] = [
  { size: 224, batch: 8 },
  { size: 64, batch: 32 },
];

const script = fileURLToPath(new URL('../engine_torch.py', import.meta.url));

/**
 * Times forward, input gradient and training of ResNet-18 against PyTorch (fp32, channels-last) in the same run, one
 * measurement of each in turn so that a busy machine slows all alike. Gives each line of the report as it is known.
 *
 * @param python interpreter to ask for torch
 */
export async function* benchEngine(
  python: string,
  { engine = 'auto', runs = 7 }: { engine?: ComputeOptions['engine']; runs?: number } = {},
): AsyncGenerator<string> {
  const torch = await startTorch(python);
  try {
    for (const each of cases) {
      using exact = await engineWorks(engine, 'exact', each);
      using fast = await engineWorks(engine, 'fast', each);
      const arithmetics = fast.isFast ? (['exact', 'fast'] as const) : (['exact'] as const);
      for (const work of works) {
        const seconds = await inTurns<'exact' | 'fast' | 'torch'>(
          {
            exact: () => exact.seconds(work),
            ...(fast.isFast && { fast: () => fast.seconds(work) }),
            ...(torch && { torch: () => torch.seconds(work, each) }),
          },
          runs,
        );
        for (const arithmetic of arithmetics) {
          const ours = each.batch / seconds[arithmetic]!;
          const rival = seconds.torch
            ? `PyTorch ${torch?.version} fp32 ${(each.batch / seconds.torch).toFixed(1)}`
            : null;
          const ratio = seconds.torch ? seconds.torch / seconds[arithmetic]! : 0;
          yield `${exact.version}, ${work}, ${each.size} px, batch ${each.batch}, ${arithmetic}: ${ours.toFixed(1)} images/s; ` +
            (rival
              ? `${rival}; ${ratio.toFixed(2)}x (bar: ${bars[arithmetic][work]}x)`
              : 'no PyTorch in Python to compare with');
        }
      }
      if (fast.isFast) yield describeDeviation(each.size, await exact.logits(), await fast.logits());
      else yield `fast, ${each.size} px: computes as exact on this machine, which has neither AMX nor a GPU`;
    }
  } finally {
    torch?.stop();
  }
}

/** The median seconds of each rival, one run of each after the other; two rounds warm up. */
async function inTurns<Name extends string>(
  rivals: Partial<Record<Name, () => Promise<number>>>,
  runs: number,
): Promise<Partial<Record<Name, number>>> {
  const names = Object.keys(rivals) as Name[]; // the object's own keys
  const seconds = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let run = -2; run < runs; run++) {
    for (const name of names) {
      const taken = await rivals[name]!();
      if (run >= 0) seconds.get(name)!.push(taken);
    }
  }
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
  return Object.fromEntries(names.map((name) => [name, median(seconds.get(name)!)])) as Partial<Record<Name, number>>; // keys are names
}

/** What bfloat16 does to the logits of random weights on random images. */
function describeDeviation(size: number, exact: NdArray<'n k'>, fast: NdArray<'n k'>): string {
  const [n, k] = exact.shape as [number, number]; // 'n k' has two sizes
  const scale = exact.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = exact.data.reduce((most, value, i) => Math.max(most, Math.abs(value - fast.data[i]!)), 0);
  const best = (logits: NdArray<'n k'>, row: number) => {
    const values = logits.data.subarray(row * k, (row + 1) * k);
    return values.indexOf(Math.max(...values));
  };
  const same = Array.from({ length: n }, (_, row) => row).filter((row) => best(exact, row) === best(fast, row));
  return `fast against exact, ${size} px: logits differ by at most ${((100 * worst) / scale).toFixed(2)} % of the largest; ${same.length} of ${n} images keep their class`;
}

interface Torch {
  readonly version: string;
  seconds(work: Work, each: BenchCase): Promise<number>;
  stop(): void;
}

/** Null where `python` is not there or has no torch. */
async function startTorch(python: string): Promise<Torch | null> {
  const child: ChildProcess = spawn(python, [script, String(availableParallelism())], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.on('error', () => {}); // a missing interpreter ends the lines, which says it
  child.stdin!.on('error', () => {});
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) return null;
  return {
    version: String(first.value),
    async seconds(work, { size, batch }) {
      child.stdin!.write(`${work} ${size} ${batch}\n`);
      const answer = await lines.next();
      if (answer.done) throw new Error('PyTorch ended before it had answered.');
      return Number(answer.value);
    },
    stop: () => child.kill(),
  };
}
