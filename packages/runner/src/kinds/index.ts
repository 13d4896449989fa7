import type { Kind } from '@espalier/core';
import type { NodeCatalogue } from '@espalier/study';
import { concepts } from './concepts.ts';
import { dataset } from './dataset.ts';
import { explainer } from './explainer.ts';
import { metric } from './metric.ts';
import { model } from './model.ts';
import type { RunnableKind } from './node-kind.ts';
import { pruner } from './pruner.ts';
import { reporter } from './reporter.ts';
import { train } from './train.ts';

/** Every kind of plugin as a node. */
export const nodeKinds: Readonly<Record<Kind, RunnableKind>> = {
  dataset,
  model,
  pruner,
  explainer,
  concepts,
  metric,
  reporter,
};

/** The nodes that need no plugin, by name. */
export const builtInKinds: Readonly<Record<string, RunnableKind>> = { train };

/** All that a study may be made of. */
export const nodeCatalogue: NodeCatalogue = { kinds: nodeKinds, builtIn: builtInKinds };
