import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { boxesTarget } from './fuzz/boxes.ts';
import { imageTarget } from './fuzz/images.ts';
import { labelsTarget } from './fuzz/labels.ts';
import { lockTarget } from './fuzz/lock.ts';
import { runCases } from './fuzz/run-cases.ts';
import { safetensorsTarget } from './fuzz/safetensors.ts';
import { studyTarget } from './fuzz/study.ts';
import type { MakeTarget, Target } from './fuzz/target.ts';
import { weightsTarget } from './fuzz/weights.ts';
import { whole } from './whole.ts';

const usage = `npm run fuzz -- [--cases 10000] [--seed 1]

Mutated, truncated and hostile files of every kind that comes from outside. Every outcome must be success or a
StudyError that says where; none may take a second, crash, change Object.prototype or write outside its folder. What is known
to be right must be taken with the values of a slow and obvious reading, what is damaged in one way must be refused; and of
every generator's cases some must be taken and some refused.`;

// To add a kind of input, add its file below fuzz/ and its maker here.
const makers: readonly MakeTarget[] = [
  studyTarget,
  labelsTarget,
  lockTarget,
  safetensorsTarget,
  weightsTarget,
  imageTarget,
  boxesTarget,
];

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
const [cases, seed] = [whole(values.cases, 1), whole(values.seed, 0)];
if (values.help || cases === undefined || seed === undefined) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else process.exitCode = await fuzz(cases, seed);

async function fuzz(count: number, seed: number): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'espalier-fuzz-'));
  try {
    const made = new Map<string, Target>();
    for (const [index, make] of makers.entries()) {
      const folder = join(root, String(index));
      mkdirSync(folder);
      made.set(folder, await make(folder));
    }
    const { ends, slowestMs, failures } = await runCases([...made.values()], count, seed);
    const all = [...failures, ...leftBy(made, root)];
    for (const [name, { accepted, refused }] of ends)
      console.log(`${name.padEnd(24)} ${String(accepted).padStart(5)} accepted ${String(refused).padStart(5)} refused`);
    console.log(`${count} cases, seed ${seed}, slowest ${Math.round(slowestMs)} ms, ${all.length} failures`);
    for (const failure of all.slice(0, 20)) console.log(failure);
    return all.length === 0 ? 0 : 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What the targets wrote where nothing may be. */
function leftBy(made: ReadonlyMap<string, Target>, root: string): readonly string[] {
  const beside = readdirSync(root).filter((name) => !made.has(join(root, name)));
  const inside = [...made].flatMap(([folder, { name, leaves = [] }]) =>
    readdirSync(folder).flatMap((left) => (leaves.includes(left) ? [] : [`${name}: ${left}`])),
  );
  return [...beside, ...inside].map((left) => `wrote ${left}`);
}
