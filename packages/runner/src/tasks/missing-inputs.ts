import type { MissingInput, Origin } from '@espalier/core';
import { type PlannedInstance, sourcesOf } from '@espalier/study';
import type { Failure } from './failure.ts';

/** The instances that `instance` cannot do without: a report goes on without what failed of the lists that it gathers. */
export function neededSources(instance: PlannedInstance): readonly string[] {
  const mayMiss = missablePorts(instance);
  if (mayMiss.size === 0) return sourcesOf(instance);
  const inputs = new Map([...instance.inputs].filter(([port]) => !mayMiss.has(port)));
  return sourcesOf({ ...instance, inputs });
}

/** What failed, or was skipped because something else failed, of the lists that `instance` may miss something of. */
export function missingInputs(
  instance: PlannedInstance,
  failures: ReadonlyMap<string, Failure>,
  origins: ReadonlyMap<string, Origin>,
): readonly MissingInput[] {
  const mayMiss = missablePorts(instance);
  return [...instance.inputs].flatMap(([port, sources]) =>
    !mayMiss.has(port)
      ? []
      : sources.flatMap((source): readonly MissingInput[] => {
          const found = causeOf(source.instance, failures);
          return found ? [{ origin: origins.get(source.instance)!, port, ...found }] : [];
        }),
  );
}

function missablePorts({ type }: PlannedInstance): ReadonlySet<string> {
  const ports = Object.entries(type.kind.inputs(type.plugin));
  return new Set(ports.flatMap(([name, { mayMiss }]) => (mayMiss ? [name] : [])));
}

function causeOf(
  instance: string,
  failures: ReadonlyMap<string, Failure>,
): Pick<MissingInput, 'failed' | 'code' | 'text'> | undefined {
  const failure = failures.get(instance);
  if (!failure) return undefined;
  const failed = 'because' in failure ? failure.because : instance;
  const cause = failures.get(failed);
  if (!cause || 'because' in cause) return undefined;
  // What comes after the first line is advice, or a stack.
  return { failed, code: cause.code, text: cause.text.split('\n', 1)[0]! };
}
