import type { Store } from '@espalier/store';
import type { PlannedInstance, Source } from '@espalier/study';
import { keyDifferences } from '../runs/key-differences.ts';
import type { EarlierKey, RunHistory } from '../runs/run-history.ts';
import type { Task } from '../tasks/task.ts';
import { ownComponents } from '../tasks/task-of.ts';

/** What is known when an instance is asked why it would run. */
export interface Inquiry {
  readonly instances: ReadonlyMap<string, PlannedInstance>;
  /** Of the instances whose inputs are all there. */
  readonly tasks: ReadonlyMap<string, Pick<Task, 'key' | 'components'>>;
  readonly history: RunHistory;
  readonly store: Store;
  readonly refresh: ReadonlySet<string>;
}

/** Why an instance would run, in words. @param waitsFor its sources that would run themselves */
export async function reasonsToRun(
  instance: PlannedInstance,
  waitsFor: readonly string[],
  inquiry: Inquiry,
): Promise<readonly string[]> {
  const { tasks, history, store, refresh } = inquiry;
  const { id } = instance;
  if (refresh.has(id)) return ['asked for by --refresh'];
  const waiting = waitsFor.length > 0 ? [`waits for ${listed(waitsFor)}`] : [];
  const task = tasks.get(id);
  const damage = task && (await store.damage(task.key));
  if (damage !== undefined) return [`damaged: ${damage}`];
  const earlier = history.nearest(instance, task?.components ?? ownComponents(instance));
  if (!earlier) return ['never computed', ...waiting];
  if (task && earlier.key === task.key) {
    return [`its result is not in the store: run ${earlier.run.id} did not finish it, or it was taken away`];
  }
  const differences = differencesTo(earlier, instance, inquiry);
  if (earlier.instance === id) return [...differences, ...waiting];
  const how = differences.length > 0 ? `: ${differences.join('; ')}` : '';
  return [`never computed; nearest is ${earlier.instance} of run ${earlier.run.id}${how}`, ...waiting];
}

/** How an instance differs from an earlier one, each changed input with what changed it. */
function differencesTo(earlier: EarlierKey, instance: PlannedInstance, inquiry: Inquiry): readonly string[] {
  // Before the inputs are known, the rest is taken to be as it was.
  const now = inquiry.tasks.get(instance.id)?.components ?? { ...earlier.components, ...ownComponents(instance) };
  return keyDifferences(earlier.components, now, instance.type.optionsSchema).map(({ port, text }) => {
    if (port === undefined) return text;
    const sources = [...(instance.inputs.get(port) ?? []), ...(instance.baseline?.get(port) ?? [])];
    const cause = causeIn(sources, earlier, inquiry);
    return cause === undefined ? text : `${text} because of ${cause}`;
  });
}

/** The first change upstream: `dense[seed=0]: option epochs 8 -> 10`. */
function causeIn(sources: readonly Source[], { run }: EarlierKey, inquiry: Inquiry): string | undefined {
  for (const { instance: id } of sources) {
    const source = inquiry.instances.get(id);
    if (source?.passThrough) {
      const cause = causeIn([...source.passThrough.values()], { run } as EarlierKey, inquiry); // only the run is read
      if (cause !== undefined) return cause;
      continue;
    }
    const before = inquiry.history.inRun(id, run);
    const now = inquiry.tasks.get(id);
    if (!source || !before || !now || before.key === now.key) continue;
    const [first] = differencesTo(before, source, inquiry);
    if (first === undefined) continue;
    return / because of /.test(first) ? first.replace(/^.* because of /, '') : `${id}: ${first}`;
  }
  return undefined;
}

function listed(ids: readonly string[]): string {
  return ids.length > 3 ? `${ids.slice(0, 2).join(', ')} and ${ids.length - 2} more` : ids.join(', ');
}
