import { compareRuns, type InstanceComparison } from '../../runs/compare-runs.ts';
import { findRun } from '../../runs/recorded-runs.ts';
import type { Output } from './output.ts';

/** Shows the numbers of two runs side by side, and what caused each difference. */
export async function diffCommand(
  [first, second]: readonly [string, string],
  runsFolder: string,
  asJson: boolean,
  output: Output,
): Promise<number> {
  const [before, after] = [await findRun(first, runsFolder), await findRun(second, runsFolder)];
  const all = await compareRuns(before, after);
  if (asJson) {
    output.writeJson({ first: before.id, second: after.id, instances: all }, 2);
    return 0;
  }
  output.write(`first   ${before.id}  ${before.command}\nsecond  ${after.id}  ${after.command}\n`);
  for (const { instance, own } of all.filter((one) => one.own.length > 0)) {
    output.write(`cause   ${instance}: ${own.join('; ')}\n`);
  }
  for (const one of all) for (const line of linesOf(one)) output.write(`${line}\n`);
  const count = (state: InstanceComparison['state']) => all.filter((one) => one.state === state).length;
  output.write(
    `${count('same')} the same, ${count('differs')} different, ${count('only-first')} only in the first, ${count('only-second')} only in the second.\n`,
  );
  return 0;
}

function linesOf({ instance, state, causes, numbers }: InstanceComparison): readonly string[] {
  if (state === 'same') return [];
  const words = { differs: 'differs', 'only-first': 'only in the first', 'only-second': 'only in the second' }[state];
  return [
    `${instance}: ${words}${causes.length > 0 ? `: ${causes.join('; ')}` : ''}`,
    ...numbers.map(({ name, first, second }) => {
      const change = first !== null && second !== null ? `  ${signed(second - first)}` : '';
      return `    ${name.padEnd(28)} ${shown(first).padStart(12)} ${shown(second).padStart(12)}${change}`;
    }),
  ];
}

function shown(value: number | null): string {
  return value === null ? '-' : value.toPrecision(6);
}

function signed(value: number): string {
  if (value === 0) return '=';
  return `${value > 0 ? '+' : ''}${value.toPrecision(3)}`;
}
