import type { KeyComponents } from '@espalier/store';
import { localName, matching, type StudyPlan } from '@espalier/study';
import { type ExplainedForecast, forecast, type InstanceForecast } from '../../forecast/plan-study.ts';
import { openStudy, type StudyRequest } from '../../opening/opened-study.ts';
import { duration, nodeOf } from '../../text/format.ts';
import type { Output } from './output.ts';

/** Says of one instance, or those of a node, whether it would run, why, and what its key is made of. */
export async function whyCommand(
  request: StudyRequest,
  text: string,
  asJson: boolean,
  output: Output,
): Promise<number> {
  await using opened = await openStudy(request);
  const ids = new Set(matching(text, opened.plan.instances)); // before what takes longer: it may not be there
  const explained = await forecast(opened);
  const asked = explained.instances.filter(({ id }) => ids.has(id));
  if (asJson) {
    const full = asked.map((one) => ({ ...one, components: explained.tasks.get(one.id)?.components ?? null }));
    output.writeJson(full, 2);
    return 0;
  }
  for (const one of asked) for (const line of linesOf(one, explained, opened.plan.recipes)) output.write(`${line}\n`);
  return 0;
}

function linesOf(
  one: InstanceForecast,
  explained: ExplainedForecast,
  recipes: StudyPlan['recipes'],
): readonly string[] {
  const task = explained.tasks.get(one.id);
  const node = nodeOf(one.id);
  return [
    `${one.id}  ${one.use}`,
    ...recipes
      .filter(({ name }) => node === `${name}/${localName(node)}`)
      .map(
        ({ name, recipe, version }) =>
          `  a node of the recipe ${recipe}${version === null ? '' : ` ${version}`}, included as ${name}`,
      ),
    ...verdict(one),
    ...causes(one, explained),
    ...(task ? [`  key ${task.key}`, ...componentLines(task.components)] : ['  Its key is known when its inputs are.']),
  ];
}

function verdict({ status, reasons, madeAs, problem }: InstanceForecast): readonly string[] {
  if (problem !== undefined) return [`  cannot be planned: ${problem}`];
  if (status === 'passed-through') return ['  hands its input on: the zero of a scan; nothing is run.'];
  if (status === 'run') return ['  would run:', ...reasons.map((reason) => `    ${reason}`)];
  const made = madeAs && `, made ${madeAs.at} as ${madeAs.instance} in ${duration(madeAs.ms)}`;
  return [
    `  is in the store${made ?? ''}`,
    ...reasons.map((reason) => `    made by other code: ${reason}; --code exact runs it again`),
  ];
}

/** What an instance waits for, down to what runs of itself. */
function causes({ waitsFor }: InstanceForecast, { instances }: ExplainedForecast): readonly string[] {
  const byId = new Map(instances.map((one) => [one.id, one]));
  const lines: string[] = [];
  const visited = new Set<string>();
  const visit = (ids: readonly string[]): void => {
    for (const id of ids) {
      const source = byId.get(id);
      if (!source || visited.has(id)) continue;
      visited.add(id);
      if (source.status === 'run') lines.push(`    ${id}: ${source.problem ?? source.reasons.join('; ')}`);
      visit(source.waitsFor ?? []);
    }
  };
  visit(waitsFor ?? []);
  const shown = lines.slice(0, 12);
  return [...shown, ...(lines.length > shown.length ? [`    and ${lines.length - shown.length} more`] : [])];
}

function componentLines(components: KeyComponents): readonly string[] {
  const { packages, inputs, ...rest } = components;
  const plain = Object.entries(rest)
    .filter(([, value]) => value !== null && JSON.stringify(value) !== '{}')
    .map(([name, value]) => `    ${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const code = Object.entries(packages).map(
    ([name, { version, code: digest }]) => `    package ${name} ${version}${digest ? ` ${digest.slice(0, 12)}` : ''}`,
  );
  const ports = Object.entries(inputs).map(([port, list]) => {
    const digests = list.map((input) => (typeof input === 'string' ? input : input.digest).slice(0, 12));
    return `    input ${port} ${digests.slice(0, 4).join(' ')}${digests.length > 4 ? ` and ${digests.length - 4} more` : ''}`;
  });
  return [...plain, ...code, ...ports];
}
