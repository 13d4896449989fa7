import type { Source } from '../axes/expand.ts';
import type { Execution } from '../file/execution.ts';
import type { Label } from '../file/study-schema.ts';
import type { InstanceOptions } from '../nodes/node-options.ts';
import type { NodeType } from '../nodes/node-types.ts';

/** A node at one label per axis, ready to run. */
export interface PlannedInstance {
  readonly id: string;
  readonly node: string;
  readonly type: NodeType;
  readonly labels: Readonly<Record<string, Label>>;
  readonly seed: number;
  readonly options: InstanceOptions;
  readonly inputs: ReadonlyMap<string, readonly Source[]>;
  readonly baseline: ReadonlyMap<string, readonly Source[]> | undefined;
  /** The data sets and models that its inputs are opened with again. */
  readonly opens: readonly NodeType[];
  /** For the zero of a scan: nothing is run; each output is an input handed on. */
  readonly passThrough: ReadonlyMap<string, Source> | undefined;
  readonly execution: Execution;
}
