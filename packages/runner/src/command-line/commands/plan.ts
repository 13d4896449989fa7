import { forecast, type InstanceForecast } from '../../forecast/plan-study.ts';
import { timeEstimate } from '../../forecast/time-estimate.ts';
import { openStudy, type StudyRequest } from '../../opening/opened-study.ts';
import { counted, memory, nodeOf } from '../../text/format.ts';
import { thisMachine } from '../../workers/machine.ts';
import { otherCodeWords } from '../progress/other-code.ts';
import type { Output } from './output.ts';
import { timeLines } from './time-lines.ts';

interface NodeForecast {
  readonly use: Set<string>;
  readonly reasons: Map<string, number>;
  readonly otherCode: Map<string, number>;
  run: number;
  cached: number;
  /** Of the instance to run that wants most, by estimate; 0 where there is none. */
  memoryBytes: number;
}

/** How a plan is shown. */
export interface PlanFlags {
  /** Every instance as JSON. */
  readonly json: boolean;
  /** With an estimate of how long it takes, for which the networks are made and measured. */
  readonly time?: boolean | undefined;
}

/** Shows what a run would do and why, by node or, as JSON, by instance. */
export async function planCommand(request: StudyRequest, { json, time }: PlanFlags, output: Output): Promise<number> {
  await using opened = await openStudy({ ...request, refreshesSchema: true });
  for (const remark of opened.remarks) output.writeError(`${remark}\n`);
  const { study, notes, instances } = await forecast(opened);
  const isSound = instances.every(({ problem }) => problem === undefined);
  const estimate = time && isSound ? await timeEstimate(opened, instances) : undefined;
  if (json) {
    const recipes = opened.plan.recipes.map(({ text: _, ...recipe }) => recipe);
    output.writeJson({ study, recipes, notes, instances, ...(estimate && { time: estimate }) }, 2);
    return isSound ? 0 : 1;
  }
  const nodes = byNode(instances);
  const width = Math.max(...[...nodes.keys()].map((name) => name.length), 4);
  output.write(`${study}: ${counted(instances.length, 'instance')}\n`);
  for (const { name, recipe, version } of opened.plan.recipes)
    output.write(`  ${name}: the recipe ${recipe}${version === null ? '' : ` ${version}`}\n`);
  for (const [name, { use, run, cached, memoryBytes, reasons, otherCode }] of nodes) {
    output.write(
      `  ${name.padEnd(width)}  ${`${run} to run`.padStart(12)}, ${`${cached} there`.padStart(10)}  ${[...use].join(', ')}\n`,
    );
    for (const line of memoryLines(memoryBytes)) output.write(`  ${' '.repeat(width)}      ${line}\n`);
    for (const line of mostCommon(reasons)) output.write(`  ${' '.repeat(width)}      ${line}\n`);
    for (const line of mostCommon(otherCode))
      output.write(`  ${' '.repeat(width)}      ${line} (made by other code; --code exact runs it again)\n`);
  }
  for (const note of notes) output.write(`  Note: ${note}\n`);
  for (const { id, problem } of instances) if (problem) output.write(`  ${id}: ${problem}\n`);
  const toRun = instances.filter(({ status }) => status === 'run').length;
  output.write(`${toRun} to run, ${instances.length - toRun} already there.\n`);
  for (const line of estimate ? timeLines(estimate) : []) output.write(`${line}\n`);
  if (toRun > 0) output.write('More on one of them: espalier why <study> <instance>\n');
  return isSound ? 0 : 1;
}

/** What an instance wants; where this machine has less, that it will not do. An executor may run it on another. */
function memoryLines(bytes: number): readonly string[] {
  if (bytes === 0) return [];
  const { memoryBytes } = thisMachine();
  const wants = `wants about ${memory(bytes)} of memory for one instance`;
  if (bytes <= memoryBytes) return [wants];
  return [
    `WARNING: ${wants}; this machine has ${memory(memoryBytes)}. Lower the width, the size of images or "batchSize", or run it elsewhere`,
  ];
}

function byNode(instances: readonly InstanceForecast[]): ReadonlyMap<string, NodeForecast> {
  const nodes = new Map<string, NodeForecast>();
  for (const { id, use, status, reasons, memoryBytes = 0 } of instances) {
    const node = nodes.get(nodeOf(id)) ?? {
      use: new Set(),
      reasons: new Map(),
      otherCode: new Map(),
      run: 0,
      cached: 0,
      memoryBytes: 0,
    };
    node.memoryBytes = Math.max(node.memoryBytes, memoryBytes);
    node.use.add(use);
    if (status === 'run') node.run++;
    else node.cached++;
    const counts = status === 'run' ? node.reasons : node.otherCode;
    // What differs between the instances of a node is told by `why`.
    const text = status === 'run' ? shortened(reasons) : otherCodeWords(reasons);
    if (text !== '') counts.set(text, (counts.get(text) ?? 0) + 1);
    nodes.set(nodeOf(id), node);
  }
  return nodes;
}

function shortened(reasons: readonly string[]): string {
  const short = reasons.map((reason) =>
    reason
      .replaceAll(/\[[^\]"]*=[^\]"]*\]/g, '')
      .replace(/^waits for (.*)$/, (_, ids: string) => `waits for ${[...new Set(ids.split(', '))].join(', ')}`)
      .replace(/ (\S+) and \d+ more$/, ' $1')
      .replace(/ (\S+), \1$/, ' $1'),
  );
  return short.join('; ');
}

const mostLines = 3;

function mostCommon(counts: ReadonlyMap<string, number>): readonly string[] {
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const lines = sorted.slice(0, mostLines).map(([text, count]) => `${count} x ${text}`);
  const rest = sorted.slice(mostLines).reduce((sum, [, count]) => sum + count, 0);
  return rest > 0 ? [...lines, `${rest} x other reasons`] : lines;
}
