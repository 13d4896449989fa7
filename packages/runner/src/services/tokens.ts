import type { ComputeOptions, Kind, Plugin } from '@espalier/core';
import type { Store } from '@espalier/store';
import type { PackageLoader } from '@espalier/study';
import type { RunListener } from '../tasks/events.ts';
import type { Clock } from '../tasks/run-task.ts';
import type { Executor } from '../tasks/task.ts';
import type { Workbench } from '../tasks/workbench.ts';

/** The name of a service in the container; its type says what is bound to it. */
export type Token<Service> = symbol & { readonly service?: Service };

function token<Service>(name: string): Token<Service> {
  return Symbol.for(`@espalier/runner/${name}`);
}

/** Services that a host program may bind to something of its own. */
export const tokens = {
  /** Finds and imports plugin packages. */
  loader: token<PackageLoader>('loader'),
  /** Where results are kept. */
  store: token<Store>('store'),
  /** Where instances run. */
  executor: token<Executor>('executor'),
  clock: token<Clock>('clock'),
  /** Who is told what happens in a run: progress displays, logs. */
  listener: token<RunListener>('listener'),
  /** Engine and arithmetic, where the host decides over the study. */
  compute: token<Partial<ComputeOptions>>('compute'),
  /** Plugins and artifacts opened in this process. */
  workbench: token<Workbench>('workbench'),
} as const;

/** Plugins of one kind, each bound under the name `<package>/<plugin>`. */
export function pluginToken(kind: Kind): Token<Plugin> {
  return token<Plugin>(`plugin/${kind}`);
}
