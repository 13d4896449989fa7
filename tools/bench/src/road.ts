import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { linearImputer, removalCount } from '@espalier/metrics';
import { benchImage, type RoadScene, roadScenes } from './road-scenes.ts';

/** Imputing one image at ten levels, the best of several runs that took turns. */
export interface RoadTimes {
  readonly scene: string;
  readonly oursMs: number;
  /** Null where Python has no Quantus 0.5.3. */
  readonly quantusMs: number | null;
  /** Largest difference between the imputed images, for pixels in [0, 1]. */
  readonly difference: number | null;
}

const size = 224;
const counts = [1, 11, 21, 31, 41, 51, 61, 71, 81, 91].map((percentage) => removalCount(size * size, percentage));
const script = fileURLToPath(new URL('../road_quantus.py', import.meta.url));

/**
 * Times ROAD's imputation (224 px, ten levels, no noise) against the function of Quantus 0.5.3, each on one thread.
 *
 * @param python interpreter to ask for Quantus
 */
export async function benchRoad(python: string, runs = 5): Promise<readonly RoadTimes[]> {
  const folder = await mkdtemp(join(tmpdir(), 'espalier-road-'));
  try {
    const scenes = roadScenes(size);
    await writeTask(folder, scenes);
    const quantus = await startQuantus(python, folder);
    const times: RoadTimes[] = [];
    for (const scene of scenes) times.push(await timeScene(scene, quantus, folder, runs));
    quantus?.stop();
    return times;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The lines that `npm run bench` prints. */
export function roadLines(times: readonly RoadTimes[]): readonly string[] {
  return times.map(({ scene, oursMs, quantusMs, difference }) => {
    const ours = `ROAD imputation, 224 px, 10 levels, ${scene} holes: ${oursMs.toFixed(0)} ms`;
    if (quantusMs === null || difference === null) return `${ours} (no Quantus 0.5.3 in Python to compare with)`;
    const ratio = (quantusMs / oursMs).toFixed(1);
    return `${ours}; Quantus 0.5.3 ${quantusMs.toFixed(0)} ms; ${ratio}x (bar: 10x); images differ by ${difference.toExponential(0)}`;
  });
}

async function timeScene(scene: RoadScene, quantus: Quantus | null, folder: string, runs: number): Promise<RoadTimes> {
  const image = benchImage(size);
  const impute = linearImputer(size, size);
  let { images } = impute(image, scene.order, counts); // the first call compiles
  let [oursMs, quantusMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    images = impute(image, scene.order, counts).images;
    oursMs = Math.min(oursMs, performance.now() - start);
    if (quantus) quantusMs = Math.min(quantusMs, 1000 * Number(await quantus.ask(scene.name)));
  }
  if (!quantus) return { scene: scene.name, oursMs, quantusMs: null, difference: null };
  const file = await readFile(join(folder, `${scene.name}.out.f64`));
  const expected = new Float64Array(new Uint8Array(file).buffer);
  const difference = images.data.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]!)), 0);
  return { scene: scene.name, oursMs, quantusMs, difference };
}

async function writeTask(folder: string, scenes: readonly RoadScene[]): Promise<void> {
  await writeFile(join(folder, 'road.json'), JSON.stringify({ height: size, width: size, counts }));
  await writeFile(join(folder, 'image.f64'), new Uint8Array(Float64Array.from(benchImage(size).data).buffer));
  for (const { name, order } of scenes) await writeFile(join(folder, `${name}.u32`), new Uint8Array(order.buffer));
}

interface Quantus {
  ask(scene: string): Promise<string>;
  stop(): void;
}

/** Null where `python` is not there or has another Quantus. */
async function startQuantus(python: string, folder: string): Promise<Quantus | null> {
  const child = spawn(python, [script, folder], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.on('error', () => {}); // a missing interpreter ends the lines, which says it
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value as string | undefined; // readline yields strings
  if ((await next()) !== '0.5.3') return stop(child);
  return {
    async ask(scene) {
      child.stdin.write(`${scene}\n`);
      const answer = await next();
      if (answer === undefined) throw new Error(`Quantus ended while it imputed the scene "${scene}".`);
      return answer;
    },
    stop: () => stop(child),
  };
}

function stop(child: ChildProcess): null {
  child.kill();
  return null;
}
