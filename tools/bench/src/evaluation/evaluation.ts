import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ComputeOptions, Model } from '@espalier/core';
import { type Counts, countedModel } from './counted-model.ts';
import { ourWorks, type Part, parts, type Works } from './ours.ts';
import { type Answer, type Rival, startRival } from './rival.ts';
import { type EvaluationTask, evaluatedModel, evaluationImages } from './task.ts';

/** What a bench of the evaluation may be told. */
export interface EvaluationSettings {
  readonly engine: ComputeOptions['engine'];
  readonly runs: number;
  readonly images: number;
  /** A folder of images of one class; generated ones if absent. */
  readonly folder?: string;
  readonly weights?: string;
  readonly label: number;
}

/** Ways to evaluate: ours, by arithmetic and path integral, and the Python stack. */
export type Contender = 'exact' | 'exact, refined' | 'fast' | 'fast, refined' | 'python';

/** Median seconds per image of each part, and of all. */
export interface EvaluationReport {
  readonly machine: { readonly cores: number; readonly flags: readonly string[] };
  readonly engine: string;
  readonly python: Readonly<Record<string, string>> | string;
  readonly images: number;
  readonly seconds: Readonly<Partial<Record<Contender, Readonly<Record<Part | 'all', number>>>>>;
  /** Largest difference of ours in float32 with 50 points from what Python found, by part. */
  readonly differences: Readonly<Partial<Record<Part, number>>>;
  /** What ours in float32 with 50 points asks the model, by part. */
  readonly counts: Readonly<Record<Part, Counts>>;
  readonly peakMiB: { readonly ours: number; readonly python?: number };
}

/**
 * Evaluates a ResNet-18 as Captum, Quantus and Craft do, each part by everybody in turn, so that a busy machine slows all alike: VG, IG, the Gini
 * index of both, ROAD of both and the concepts of a class.
 *
 * @param python interpreter to ask for the Python stack
 */
export async function benchEvaluation(python: string, asked: EvaluationSettings): Promise<EvaluationReport> {
  const images = await evaluationImages(asked.folder, asked.images);
  const task: EvaluationTask = { images, label: asked.label, classes: 10, weights: asked.weights ?? null };
  const modelOf = (inference: 'exact' | 'fast') =>
    evaluatedModel(task, { engine: asked.engine, inference, training: 'exact' });
  using exact = await modelOf('exact');
  using fast = await modelOf('fast');
  const folder = await mkdtemp(join(tmpdir(), 'espalier-evaluation-'));
  const rival = await startRival(python, folder, exact, task);
  try {
    const contenders: Partial<Record<Contender, Asks>> = {
      ...oursOf('exact', exact, task),
      ...(fast.numerics.inference === 'fast' && oursOf('fast', fast, task)),
      ...(typeof rival !== 'string' && { python: askPython(rival) }),
    };
    const { seconds, found } = await inTurns(contenders, asked.runs);
    return {
      machine: { cores: availableParallelism(), flags: await vectorFlags() },
      engine: `${exact.numerics.engine} ${exact.numerics.version}`,
      python: typeof rival === 'string' ? rival : rival.versions,
      images: asked.images,
      seconds: perImage(seconds, asked.images),
      differences: found.python ? differences(found.exact!, found.python) : {},
      counts: await countsOf(exact, task),
      peakMiB: { ours: process.resourceUsage().maxRSS / 1024, ...(found.python && { python: found.python.peakMiB }) },
    };
  } finally {
    if (typeof rival !== 'string') rival.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One part: the seconds it took and what it found. */
type Asks = (part: Part) => Promise<Omit<Answer, 'peakMiB'> & Partial<Answer>>;
type Found = Partial<Record<Part, readonly number[]>> & { peakMiB?: number };

function oursOf(arithmetic: 'exact' | 'fast', model: Model, task: EvaluationTask): Partial<Record<Contender, Asks>> {
  const timed =
    (works: Works): Asks =>
    async (part) => {
      const start = performance.now();
      const found = await works[part]();
      return { seconds: (performance.now() - start) / 1000, found };
    };
  return {
    [arithmetic]: timed(ourWorks(model, task, '50')),
    [`${arithmetic}, refined`]: timed(ourWorks(model, task, 'refined')),
  };
}

function askPython(rival: Rival): Asks {
  return (part) => rival.ask(part);
}

/** The median seconds of each part for each contender, one part of each after the other; one round warms up. */
async function inTurns(contenders: Partial<Record<Contender, Asks>>, runs: number) {
  const all = Object.entries(contenders) as [Contender, Asks][]; // the record's own entries
  const taken = new Map<string, number[]>();
  const found: Partial<Record<Contender, Found>> = {};
  for (let run = -1; run < runs; run++) {
    for (const part of parts) {
      for (const [name, ask] of all) {
        const answer = await ask(part);
        found[name] = { ...found[name], [part]: answer.found, ...(answer.peakMiB && { peakMiB: answer.peakMiB }) };
        if (run >= 0) taken.set(`${name}/${part}`, [...(taken.get(`${name}/${part}`) ?? []), answer.seconds]);
      }
    }
  }
  const seconds = Object.fromEntries(
    all.map(([name]) => [
      name,
      Object.fromEntries(parts.map((part) => [part, median(taken.get(`${name}/${part}`)!)])) as Record<Part, number>,
    ]),
  ) as Partial<Record<Contender, Record<Part, number>>>; // entries of contenders and parts
  return { seconds, found };
}

function perImage(
  seconds: Partial<Record<Contender, Record<Part, number>>>,
  images: number,
): EvaluationReport['seconds'] {
  return Object.fromEntries(
    Object.entries(seconds).map(([name, ofPart]) => {
      const each = Object.fromEntries(parts.map((part) => [part, ofPart[part] / images])) as Record<Part, number>;
      return [name, { ...each, all: parts.reduce((sum, part) => sum + each[part], 0) }];
    }),
  );
}

/** Of what both state of the same thing. Craft's importance is of other masks, and of another factorisation. */
function differences(ours: Found, theirs: Found): EvaluationReport['differences'] {
  const compared = ['vg', 'gini', 'road-vg', 'road-ig'] as const;
  return Object.fromEntries(
    compared.map((part) => [part, Math.max(...ours[part]!.map((value, i) => Math.abs(value - theirs[part]![i]!)))]),
  );
}

/** How often the model is asked, part by part: the same on every machine. */
export async function countsOf(model: Model, task: EvaluationTask): Promise<Record<Part, Counts>> {
  const counts: Partial<Record<Part, Counts>> = {};
  const counted = countedModel(model);
  const works = ourWorks(counted.model, task, '50');
  for (const part of parts) {
    for (const name of Object.keys(counted.counts)) delete counted.counts[name as keyof Counts]; // its own key
    await works[part]();
    counts[part] = { ...counted.counts };
  }
  return counts as Record<Part, Counts>; // one for each part
}

/** Of the CPU's flags those that arithmetic is fast by; none where the system does not tell. */
async function vectorFlags(): Promise<readonly string[]> {
  const told = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const flags = /^flags\s*:(.*)$/m.exec(told)?.[1]?.trim().split(' ') ?? [];
  return flags.filter((flag) => /^(avx2|avx512f|avx512_bf16|amx_bf16|amx_tile)$/.test(flag));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
