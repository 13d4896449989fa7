import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ComputeOptions, NdArray } from '@espalier/core';
import {
  type Arithmetic,
  type BenchCase,
  type BenchNetwork,
  type Clock,
  engineWorks,
  type Work,
} from './engine-works.ts';

/** The bars of the issues: our rate over PyTorch's fp32 rate. */
type Bars = Record<Arithmetic, Partial<Record<Work, number>>>;

const resnet18: Bars = {
  exact: { forward: 0.9, gradient: 0.85, training: 0.7 },
  fast: { forward: 1.7, gradient: 1.6, training: 1.3 },
};

const usual: Bars = { exact: { forward: 0.8, gradient: 0.8 }, fast: { forward: 0.8, gradient: 0.8 } };

const cases: readonly (BenchCase & { readonly bars: Bars })[] = [
  { network: 'resnet18', size: 224, batch: 8, bars: resnet18 },
  { network: 'resnet18', size: 64, batch: 32, bars: resnet18 },
  { network: 'resnet50', size: 224, batch: 8, bars: usual },
  { network: 'mobilenet_v2', size: 224, batch: 8, bars: usual },
  { network: 'vit_b_16', size: 224, batch: 4, bars: usual },
];

const script = fileURLToPath(new URL('../engine_torch.py', import.meta.url));

/** What a bench of the engine may be told. */
export interface EngineSettings {
  readonly engine: ComputeOptions['engine'];
  readonly runs: number;
  /** With `cpu`, both compute in one thread: threads that wait would count, too. */
  readonly clock: Clock;
  /** This one alone. */
  readonly network?: string;
}

/**
 * Times forward, input gradient and training against PyTorch (fp32, channels-last) in the same run, one
 * measurement of each in turn so that a busy machine slows all alike. Gives each line of the report as it is known.
 *
 * @param python interpreter to ask for torch, and for torchvision's networks
 */
export async function* benchEngine(python: string, settings: EngineSettings): AsyncGenerator<string> {
  const { network, clock } = settings;
  if (clock === 'cpu') process.env.TF_NUM_INTRAOP_THREADS = '1'; // read when TensorFlow is loaded
  const torch = await startTorch(python, clock);
  try {
    for (const each of cases) {
      if (network === undefined || network === each.network) yield* benchCase(each, torch, settings);
    }
  } finally {
    torch?.stop();
  }
}

async function* benchCase(
  each: (typeof cases)[number],
  torch: Torch | null,
  { engine, runs, clock }: EngineSettings,
): AsyncGenerator<string> {
  const { network, size, batch, bars } = each;
  using exact = await engineWorks(engine, 'exact', each, clock);
  using fast = await engineWorks(engine, 'fast', each, clock);
  const reason = torch ? await torch.reasonAgainst(network) : 'no PyTorch in Python';
  const rival = reason === '' ? torch : null;
  for (const work of Object.keys(bars.exact) as Work[]) {
    const seconds = await inTurns<Arithmetic | 'torch'>(
      {
        exact: () => exact.seconds(work),
        ...(fast.isFast && { fast: () => fast.seconds(work) }),
        ...(rival && { torch: () => rival.seconds(work, each) }),
      },
      runs,
    );
    for (const arithmetic of fast.isFast ? (['exact', 'fast'] as const) : (['exact'] as const)) {
      const rate = batch / seconds[arithmetic]!;
      const compared = seconds.torch
        ? `PyTorch ${torch?.version} fp32 ${(batch / seconds.torch).toFixed(1)}; ${((rate * seconds.torch) / batch).toFixed(2)}x (bar: ${bars[arithmetic][work]}x)`
        : `not compared: ${reason}`;
      yield `${exact.version}, ${network}, ${work}, ${size} px, batch ${batch}, ${arithmetic}: ${rate.toFixed(1)} images/${clock === 'cpu' ? 'CPU second' : 's'}; ${compared}`;
    }
  }
  if (fast.isFast) yield describeDeviation(each, await exact.logits(), await fast.logits());
  else yield `fast, ${network}, ${size} px: computes as exact on this machine, which has neither AMX nor a GPU`;
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
function describeDeviation({ network, size }: BenchCase, exact: NdArray<'n k'>, fast: NdArray<'n k'>): string {
  const [n, k] = exact.shape as [number, number]; // 'n k' has two sizes
  const scale = exact.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = exact.data.reduce((most, value, i) => Math.max(most, Math.abs(value - fast.data[i]!)), 0);
  const best = (logits: NdArray<'n k'>, row: number) => {
    const values = logits.data.subarray(row * k, (row + 1) * k);
    return values.indexOf(Math.max(...values));
  };
  const same = Array.from({ length: n }, (_, row) => row).filter((row) => best(exact, row) === best(fast, row));
  return `fast against exact, ${network}, ${size} px: logits differ by at most ${((100 * worst) / scale).toFixed(2)} % of the largest; ${same.length} of ${n} images keep their class`;
}

interface Torch {
  readonly version: string;
  /** Why the network cannot be computed; empty where it can. */
  reasonAgainst(network: BenchNetwork): Promise<string>;
  seconds(work: Work, each: BenchCase): Promise<number>;
  stop(): void;
}

/** Null where `python` is not there or has no torch. */
async function startTorch(python: string, clock: Clock): Promise<Torch | null> {
  const child: ChildProcess = spawn(python, [script, String(clock === 'cpu' ? 1 : availableParallelism()), clock], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.on('error', () => {}); // a missing interpreter ends the lines, which says it
  child.stdin!.on('error', () => {});
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) return null;
  const answerTo = async (question: string): Promise<string> => {
    child.stdin!.write(`${question}\n`);
    const answer = await lines.next();
    if (answer.done) throw new Error('PyTorch ended before it had answered.');
    return String(answer.value);
  };
  return {
    version: String(first.value),
    reasonAgainst: (network) => answerTo(`load ${network} 0 0`),
    seconds: async (work, { network, size, batch }) => Number(await answerTo(`${work} ${network} ${size} ${batch}`)),
    stop: () => child.kill(),
  };
}
