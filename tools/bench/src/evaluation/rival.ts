import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Model } from '@espalier/core';
import { writeSafetensors } from '@espalier/formats';
import { concepts, type Part, percentages } from './ours.ts';
import { type EvaluationTask, mean, std } from './task.ts';

const script = fileURLToPath(new URL('../../evaluation_python.py', import.meta.url));

/** What the script says of one part. */
export interface Answer {
  readonly seconds: number;
  readonly found: readonly number[];
  readonly peakMiB: number;
}

/** The Python stack, which does the same with the same weights and images. */
export interface Rival {
  readonly versions: Readonly<Record<string, string>>;
  ask(part: Part): Promise<Answer>;
  stop(): void;
}

/** The script's, or why there is none. */
export async function startRival(
  python: string,
  folder: string,
  model: Model,
  task: EvaluationTask,
): Promise<Rival | string> {
  await writeTask(folder, model, task);
  const child: ChildProcess = spawn(python, [script, folder], { stdio: ['pipe', 'pipe', 'pipe'] });
  const errors: string[] = [];
  child.on('error', (error) => errors.push(error.message));
  child.stdin!.on('error', () => {});
  child.stderr!.on('data', (text) => errors.push(String(text)));
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value as string | undefined; // readline yields strings
  const first = await next();
  if (first === undefined) return errors.join('').trim().split('\n').at(-1) || `"${python}" ended at once`;
  return {
    versions: JSON.parse(first),
    async ask(part) {
      child.stdin!.write(`${part}\n`);
      const answer = await next();
      if (answer === undefined)
        throw new Error(`Python ended at "${part}": ${errors.join('').trim().split('\n').at(-1)}`);
      return JSON.parse(answer);
    },
    stop: () => void child.kill(),
  };
}

async function writeTask(folder: string, model: Model, { images, label, classes }: EvaluationTask): Promise<void> {
  const normalised = images.data.map((value, i) => (value - mean[i % 3]!) / std[i % 3]!);
  await writeFile(join(folder, 'images.f32'), new Uint8Array(normalised.buffer));
  await writeFile(join(folder, 'weights.safetensors'), writeSafetensors(await model.weights()));
  const side = Math.round((2 / 7) * Math.min(images.shape[1]!, images.shape[2]!));
  const task = { shape: images.shape, label, classes, percentages, concepts, patch: side };
  await writeFile(join(folder, 'task.json'), JSON.stringify(task));
}
