import type { Kind } from '@espalier/core';
import { concepts } from './concepts.ts';
import { dataset } from './dataset.ts';
import { explainer } from './explainer.ts';
import { metric } from './metric.ts';
import { model } from './model.ts';
import type { NodeKind } from './node-kind.ts';
import { pruner } from './pruner.ts';
import { reporter } from './reporter.ts';

/** Every kind of plugin as a node. */
export const nodeKinds: Readonly<Record<Kind, NodeKind>> = {
  dataset,
  model,
  pruner,
  explainer,
  concepts,
  metric,
  reporter,
};
