import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type NdArray, ndArray, readSafetensors, StudyError, writeSafetensors } from '@espalier/core';
import { plugins as planted } from '@espalier/data-planted';
import { plugins as metrics } from '@espalier/metrics';
import { parseLock, planStudy } from '@espalier/runner';
import { mutation, otherValues } from './mutations.ts';

const usage = `npm run fuzz -- [--cases 10000] [--seed 1]

Mutated, truncated and hostile study files, lock files and safetensors files. Every outcome must be success or a
StudyError that says where; none may take a second, crash, change Object.prototype or write outside its folder.`;

const longestMs = 1000;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
const [cases, seed] = [Number(values.cases), Number(values.seed)];
if (values.help || !Number.isInteger(cases) || cases < 1 || !Number.isInteger(seed)) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else process.exitCode = await fuzz(cases, seed);

interface Target {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** JSON to put other values into, and the file that it belongs in. */
  readonly text: string;
  readonly pack: (text: string) => Uint8Array;
  /** What an error must say: its place. */
  readonly place: RegExp;
  run(input: Uint8Array): Promise<unknown> | unknown;
}

async function fuzz(count: number, seed: number): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'espalier-fuzz-'));
  try {
    const targets = [studyTarget(root), lockTarget(), safetensorsTarget()];
    const failures: string[] = [];
    const outcomes = new Map<string, number>();
    let slowest = 0;
    // Mutations of what is refused anyway would test nothing.
    for (const target of targets) for (const input of target.seeds) await target.run(input);
    const before = prototypeKeys();
    for (let index = 0; index < count; index++) {
      const target = targets[index % targets.length]!;
      const label = `${seed} ${index}`;
      const isMutated = Math.floor(index / targets.length) % 2 === 0;
      const input = isMutated ? mutation(target.seeds, label) : target.pack(otherValues(target.text, label));
      let [outcome, ms] = await timed(target, input);
      // A busy machine may hold anybody up once.
      if (ms > longestMs) [outcome, ms] = await timed(target, input);
      slowest = Math.max(slowest, ms);
      outcomes.set(`${target.name} ${outcome.kind}`, (outcomes.get(`${target.name} ${outcome.kind}`) ?? 0) + 1);
      const problem = outcome.problem ?? (ms > longestMs ? `took ${Math.round(ms)} ms` : undefined);
      if (problem !== undefined) failures.push(`case ${index} (${target.name}): ${problem}`);
      if (prototypeKeys() !== before) failures.push(`case ${index} (${target.name}): changed Object.prototype`);
    }
    const escaped = readdirSync(root).filter((name) => name !== 'study.json' && name !== '.espalier');
    if (escaped.length > 0) failures.push(`wrote ${escaped.join(', ')}`);
    for (const [name, times] of [...outcomes].sort()) console.log(`${name.padEnd(24)} ${times}`);
    console.log(`${count} cases, seed ${seed}, slowest ${Math.round(slowest)} ms, ${failures.length} failures`);
    for (const failure of failures.slice(0, 20)) console.log(failure);
    return failures.length === 0 ? 0 : 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

type Outcome = { readonly kind: string; readonly problem?: string };

async function timed(target: Target, input: Uint8Array): Promise<[Outcome, number]> {
  const started = performance.now();
  const outcome = await outcomeOf(target, input);
  return [outcome, performance.now() - started];
}

async function outcomeOf(target: Target, input: Uint8Array): Promise<Outcome> {
  try {
    await target.run(input);
    return { kind: 'accepted' };
  } catch (error) {
    if (!StudyError.is(error))
      return { kind: 'crashed', problem: error instanceof Error ? firstLines(error.stack) : String(error) };
    if (!target.place.test(error.message)) return { kind: 'refused', problem: `says no place: ${error.message}` };
    return { kind: 'refused' };
  }
}

function firstLines(stack = ''): string {
  return stack.split('\n').slice(0, 3).join('\n');
}

function prototypeKeys(): string {
  return Reflect.ownKeys(Object.prototype).map(String).join();
}

function studyTarget(folder: string): Target {
  const packages = new Map<string, unknown>([
    ['@espalier/data-planted', { plugins: planted }],
    ['@espalier/metrics', { plugins: metrics }],
  ]);
  const study = {
    apiVersion: 'study/v1',
    name: 'fuzz',
    plugins: { data: '@espalier/data-planted', metrics: '@espalier/metrics' },
    params: { per: [1, 2], levels: [0.1, 0.5] },
    profiles: { small: { params: { per: [1] }, compute: { engine: 'wasm' } } },
    seed: 3,
    nodes: {
      data: { use: 'data/planted', matrix: { per: { $param: 'per' } }, with: { evalPerClass: { $axis: 'per' } } },
      other: { use: 'data/planted', with: { evalPerClass: 3 }, retry: { max: 1 }, timeout: '1h' },
    },
    outputs: { 'data.json': { $from: 'data.eval' }, 'other.json': { $from: 'other.val' } },
  };
  return {
    name: 'study',
    seeds: [Buffer.from(JSON.stringify(study, undefined, 1)), Buffer.from(`// a comment\n${JSON.stringify(study)}`)],
    text: JSON.stringify(study, undefined, 1),
    pack: Buffer.from,
    place: /study\.json(:\d+:\d+ | has | is not readable)/,
    async run(input) {
      const file = join(folder, 'study.json');
      writeFileSync(file, input);
      await planStudy({ file, packages });
    },
  };
}

function lockTarget(): Target {
  const lock = {
    lockVersion: 1,
    plugins: { '@espalier/metrics': { version: '0.1.0', code: null, types: { gini: '2' } } },
    data: [{ type: '@espalier/data-planted/planted', options: { evalPerClass: 1 }, parts: { train: 'ab', val: 'cd' } }],
  };
  return {
    name: 'lock',
    seeds: [Buffer.from(JSON.stringify(lock, undefined, 2))],
    text: JSON.stringify(lock, undefined, 1),
    pack: Buffer.from,
    place: /study\.lock\.json(:\d+:\d+ | has | is not)/,
    run: (input) => parseLock(new TextDecoder().decode(input), 'study.lock.json'),
  };
}

function safetensorsTarget(): Target {
  const arrays = new Map<string, NdArray>([
    ['conv.weight', ndArray('o i h w', [2, 3, 3, 3])],
    ['bias', ndArray('o', [2])],
  ]);
  const header = JSON.stringify({
    __metadata__: { made: 'by a test' },
    'conv.weight': { dtype: 'F32', shape: [2, 3, 3, 3], data_offsets: [0, 216] },
    bias: { dtype: 'F16', shape: [2], data_offsets: [216, 220] },
  });
  return {
    name: 'safetensors',
    seeds: [writeSafetensors(arrays), writeSafetensors(arrays, { made: 'by a test' })],
    text: header,
    pack: (text) => withHeader(text, arrays.size * 256),
    place: /^weights\.safetensors is not a readable safetensors file: /,
    run: (input) => readSafetensors(input, 'weights.safetensors'),
  };
}

function withHeader(header: string, dataBytes: number): Uint8Array {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}
