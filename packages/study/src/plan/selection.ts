import { StudyError } from '@espalier/core';
import { suggestion } from '../text/problems.ts';
import type { StudyPlan } from './plan.ts';
import type { PlannedInstance } from './planned-instance.ts';
import { sourcesOf } from './sources.ts';

/** Which instances a command is about; each a node, or an instance with some or all of its labels: `attr[seed=1]`. */
export interface Selection {
  /** These and what they need. */
  readonly only?: readonly string[] | undefined;
  /** These and what uses them; what they need must be in the store. */
  readonly from?: readonly string[] | undefined;
  /** To be computed again, although they are in the store. */
  readonly refresh?: readonly string[] | undefined;
}

/** A study cut down to what was selected. */
export interface SelectedPlan {
  readonly plan: StudyPlan;
  readonly refresh: ReadonlySet<string>;
  /** Instances that may not be run, only taken from the store. */
  readonly stored: ReadonlySet<string>;
}

/**
 * The part of `plan` that a selection is about. Outputs that need other parts are left out.
 *
 * @throws StudyError `study/instance-unknown`
 */
export function selected(plan: StudyPlan, { only, from, refresh }: Selection): SelectedPlan {
  const { instances } = plan;
  const byId = new Map(instances.map((instance) => [instance.id, instance]));
  const sources = new Map(instances.map((instance) => [instance.id, sourcesOf(instance)]));
  const users = new Map<string, string[]>(instances.map(({ id }) => [id, []]));
  for (const [id, list] of sources) for (const source of list) users.get(source)?.push(id);
  const needed = (ids: Iterable<string>) => closure(ids, (id) => sources.get(id) ?? []);

  let kept: ReadonlySet<string> = new Set(byId.keys());
  let stored: ReadonlySet<string> = new Set();
  if (only) kept = needed(only.flatMap((text) => matching(text, instances)));
  if (from) {
    const started = closure(
      from.flatMap((text) => matching(text, instances)),
      (id) => users.get(id) ?? [],
    );
    const run = new Set([...started].filter((id) => kept.has(id)));
    kept = needed(run);
    stored = new Set([...kept].filter((id) => !run.has(id)));
  }
  return {
    plan: {
      ...plan,
      instances: instances.filter(({ id }) => kept.has(id)),
      outputs: plan.outputs.filter((output) => output.sources.every(({ instance }) => kept.has(instance))),
    },
    refresh: new Set((refresh ?? []).flatMap((text) => matching(text, instances))),
    stored,
  };
}

/**
 * The ids that `text` names: a node's instances, those with the labels given, or all those of an include.
 *
 * @throws StudyError `study/instance-unknown`, with the nearest names
 */
export function matching(text: string, instances: readonly PlannedInstance[]): readonly string[] {
  const [, node, labels] = /^([^[\]]+)(?:\[(.*)\])?$/.exec(text) ?? [];
  const ofNode = instances.filter((instance) => instance.node === node);
  const ofInclude = labels === undefined ? instances.filter((instance) => instance.node.startsWith(`${node}/`)) : [];
  if (ofNode.length === 0 && ofInclude.length > 0) return ofInclude.map(({ id }) => id);
  if (node === undefined || ofNode.length === 0) {
    const names = new Set(instances.map((instance) => instance.node));
    throw unknown(text, `There is no node "${node ?? text}".${suggestion(node ?? text, names)}`);
  }
  const wanted = labels === undefined || labels === '*' ? [] : labels.split(',').map((label) => label.split('='));
  const axes = Object.keys(ofNode[0]!.labels);
  for (const [axis, label] of wanted) {
    if (axis === undefined || label === undefined || !axes.includes(axis)) {
      throw unknown(text, `"${node}" has no axis "${axis}".${suggestion(axis ?? '', axes)}`);
    }
    const known = new Set(ofNode.map((instance) => String(instance.labels[axis])));
    if (!known.has(label)) throw unknown(text, `"${node}" has no ${axis}=${label}.${suggestion(label, known)}`);
  }
  const found = ofNode.filter((instance) => wanted.every(([axis, label]) => String(instance.labels[axis!]) === label));
  if (found.length > 0) return found.map(({ id }) => id);
  const ids = ofNode.map(({ id }) => id);
  throw unknown(text, `No instance of "${node}" has all of these labels.${suggestion(text, ids)}`);
}

function unknown(text: string, problem: string): StudyError {
  return new StudyError(
    'study/instance-unknown',
    `${problem} "${text}" must be a node or an instance of the study, for example attr or 'attr[seed=1]'; espalier plan lists them.`,
  );
}

function closure(start: Iterable<string>, next: (id: string) => readonly string[]): ReadonlySet<string> {
  const reached = new Set(start);
  for (const id of reached) for (const other of next(id)) reached.add(other);
  return reached;
}
