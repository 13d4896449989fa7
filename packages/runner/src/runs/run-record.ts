import { randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, openSync } from 'node:fs';
import { join, relative } from 'node:path';
import { StudyError } from '@espalier/core';
import { fileError } from '@espalier/files';
import { cleared, withoutSecrets } from '@espalier/secrets';
import { writeDurably } from '@espalier/store';
import type { StudyPlan } from '@espalier/study';
import type { OpenedStudy } from '../opening/opened-study.ts';
import { isUrl } from '../plugins/open-store.ts';
import { service } from '../services/container.ts';
import { tokens } from '../services/tokens.ts';
import type { RunEvent, RunListener } from '../tasks/events.ts';
import type { RunHeader } from './recorded-runs.ts';
import { versionOf } from './study-version.ts';

/** The folder of one run: its plan, the study as it was, and what happened. */
export interface RunRecord {
  readonly id: string;
  readonly folder: string;
  readonly listener: RunListener;
  close(): void;
}

// Progress comes with every step; a record of it every few seconds tells as much.
const progressEveryMs = 5000;

/** Starts the record of a run under `runsFolder`. */
export async function startRunRecord(
  runsFolder: string,
  { plan, command, container }: OpenedStudy,
  now: Date,
): Promise<RunRecord> {
  const id = `${now.toISOString().replace(/[-:]/g, '').replace(/\..*/, 'Z')}-${randomBytes(2).toString('hex')}`;
  const folder = join(runsFolder, id);
  const { name, digest, profile } = plan;
  const { location } = service(container, tokens.store);
  const header: RunHeader = {
    id,
    study: { name, digest, profile, version: versionOf(plan) },
    command,
    startedAt: now.toISOString(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    instances: plan.instances.length,
    store: isUrl(location) ? location : relative(folder, location),
  };
  const write = (file: string, text: string) => writeDurably(join(folder, file), Buffer.from(text));
  const open = (file: string) => openSync(join(folder, file), 'a');
  let [events, keys] = [0, 0];
  try {
    await Promise.all([
      write('study.jsonc', withoutSecrets(plan.text)),
      ...(plan.recipes.length > 0 ? [write('recipes.json', asJson(recipeTexts(plan)))] : []),
      write('plan.json', asJson(cleared(planJson(plan, command)))),
    ]);
    await write('run.json', asJson(header)); // last: a folder without it is no run's
    [events, keys] = [open('events.ndjson'), open('keys.ndjson')];
  } catch (error) {
    throw noRecord(error, runsFolder);
  }
  const progress = new SparseProgress();
  return {
    id,
    folder,
    listener(event: RunEvent) {
      const at = Date.now();
      if (event.type === 'preparing' || event.type === 'memory') return;
      try {
        if (event.type === 'keyed') {
          const { instance, key, components } = event;
          appendFileSync(keys, `${JSON.stringify({ instance, key, components })}\n`);
        } else for (const told of progress.hear(event, at)) appendFileSync(events, `${JSON.stringify(told)}\n`);
      } catch {
        // A full disk is reported by the instance that meets it; a missing line of the record must not hide that.
      }
    },
    close() {
      for (const file of [events, keys]) {
        try {
          closeSync(file);
        } catch {
          // A network drive may tell only now that it is full. The run has ended, and says how.
        }
      }
    },
  };
}

function noRecord(cause: unknown, runsFolder: string): StudyError {
  const isFull = fileError(cause, runsFolder, { what: 'the records of runs' }).code === 'files/disk-full';
  return new StudyError(
    isFull ? 'files/disk-full' : 'files/unreadable',
    `A run keeps its record in ${runsFolder}, ${isFull ? 'whose disk is full' : 'which cannot be written to'}. ` +
      `${isFull ? 'Free some space' : 'Change its permissions'}, or name another place for all that it keeps: --home <folder>.`,
    { cause },
  );
}

type TimedEvent = RunEvent & { readonly at: string };

/** Leaves out most progress: of each instance the first is kept, one every few seconds, and the last before it ends. */
class SparseProgress {
  readonly #instances = new Map<string, { kept: number; last: TimedEvent | undefined }>();

  /** What the record says when `event` happens. */
  hear(event: RunEvent, now: number): readonly TimedEvent[] {
    const timed = { at: new Date(now).toISOString(), ...event };
    if (!('instance' in event)) return [timed];
    const state = this.#instances.get(event.instance) ?? { kept: Number.NEGATIVE_INFINITY, last: undefined };
    this.#instances.set(event.instance, state);
    if (event.type === 'progress') {
      const isDue = now - state.kept >= progressEveryMs;
      if (isDue) state.kept = now;
      state.last = isDue ? undefined : timed;
      return isDue ? [timed] : [];
    }
    if (event.type !== 'done' && event.type !== 'failed') return [timed];
    this.#instances.delete(event.instance);
    return state.last ? [state.last, timed] : [timed];
  }
}

function asJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** The recipes as they were, each once. */
function recipeTexts({ recipes }: StudyPlan): Readonly<Record<string, string>> {
  return Object.fromEntries(recipes.map(({ recipe, text }) => [recipe, withoutSecrets(text)]));
}

/** A plan as plain JSON. */
function planJson(plan: StudyPlan, command: string): unknown {
  const { name, digest, profile, params, seed, compute, packages, recipes, instances, outputs } = plan;
  return {
    study: { name, digest, profile },
    command,
    params,
    seed,
    compute,
    plugins: Object.fromEntries(
      [...packages].map(([alias, found]) => [alias, { package: found.name, version: found.version }]),
    ),
    recipes: recipes.map(({ text: _, ...recipe }) => recipe),
    instances: instances.map(({ id, type, options, seed: own, inputs, baseline }) => ({
      id,
      use: type.use,
      options: options.key,
      seed: own,
      inputs: Object.fromEntries(inputs),
      ...(baseline && { baseline: Object.fromEntries(baseline) }),
    })),
    outputs,
  };
}
