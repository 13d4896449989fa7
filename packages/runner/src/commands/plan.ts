import type { StudyRequest } from '../opened-study.ts';
import { planStudy } from '../plan-study.ts';
import { counted, nodeOf } from '../progress/format.ts';
import type { Output } from './output.ts';

/** Shows what a run would do, by node or, as JSON, by instance. */
export async function planCommand(request: StudyRequest, asJson: boolean, output: Output): Promise<number> {
  const { study, instances } = await planStudy(request);
  if (asJson) {
    output.write(`${JSON.stringify({ study, instances }, undefined, 2)}\n`);
    return 0;
  }
  const nodes = new Map<string, { use: Set<string>; run: number; cached: number }>();
  for (const { id, use, status } of instances) {
    const node = nodes.get(nodeOf(id)) ?? { use: new Set(), run: 0, cached: 0 };
    node.use.add(use);
    if (status === 'run') node.run++;
    else node.cached++;
    nodes.set(nodeOf(id), node);
  }
  const width = Math.max(...[...nodes.keys()].map((name) => name.length), 4);
  output.write(`${study}: ${counted(instances.length, 'instance')}\n`);
  for (const [name, { use, run, cached }] of nodes) {
    output.write(
      `  ${name.padEnd(width)}  ${`${run} to run`.padStart(12)}, ${`${cached} there`.padStart(10)}  ${[...use].join(', ')}\n`,
    );
  }
  for (const { id, problem } of instances) if (problem) output.write(`  ${id}: ${problem}\n`);
  const toRun = instances.filter(({ status }) => status === 'run').length;
  output.write(`${toRun} to run, ${instances.length - toRun} already there.\n`);
  return 0;
}
