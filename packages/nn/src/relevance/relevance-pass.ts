import { type RelevanceRules, rulesFor } from '@espalier/core';
import type { Tensor } from '@espalier/engine';
import { backward, type HandOn, withGradient } from '../graph/backward.ts';
import { type Computing, forward } from '../graph/forward.ts';
import { neededFor } from '../graph/needed-nodes.ts';
import { imagesName, type Network, type Node } from '../graph/network.ts';
import { type Arriving, perImage, plus } from './arriving.ts';
import { handedOn } from './handed-on.ts';
import { operationsOf } from './operations.ts';

/** What is handed back, and to where. */
export interface RelevancePlan {
  readonly rules: RelevanceRules;
  /** The logits that are explained, `[n, k]`: 1 at each image's own. */
  readonly chosen: Tensor;
  /** The value whose relevance is asked for: of the images, or of a node. */
  readonly source: string;
  readonly box: Arriving['box'];
  /** Receives the relevance of kernels, as they lie on the device; null where none is wanted. */
  readonly consume: ((name: string, relevance: Tensor) => void) | null;
}

/** What came to the source; the rest is told for each image. */
export interface PassedBack {
  /** Null where the logits do not depend on it. */
  readonly relevance: Tensor | null;
  readonly start: readonly number[];
  readonly absorbed: readonly number[];
  readonly withheld: readonly number[];
}

/**
 * Hands logits back through a network whose BatchNorm is canonised, by rules. Must run inside a scope.
 *
 * @param images float32, normalised
 * @throws StudyError `core/rule-missing`
 */
export function passedBack(
  computing: Computing,
  network: Network,
  images: Tensor,
  { rules, chosen, source, box, consume }: RelevancePlan,
): PassedBack {
  const { ops } = computing;
  const nodes = neededFor(network, network.output, imagesName);
  const ofImages = withGradient(nodes, imagesName, false);
  const wanted = withGradient(nodes, source, false);
  const asked = rulesFor(
    operationsOf(network).filter(({ name }) => wanted.has(name) && name !== source),
    rules,
  );
  const keeps = (node: Node) => (asked.has(node.name) ? { inputs: true, output: true } : null);
  const given = new Map([[imagesName, images]]);
  const { value, steps } = forward(computing, { nodes, given, target: network.output, keeps });
  const upstream = rules.start === 'logit' ? ops.multiply(chosen, value) : ops.cast(chosen, chosen.dtype);
  const start = perImage(ops, upstream);
  let [absorbed, withheld] = [start.map(() => 0), start.map(() => 0)] as [readonly number[], readonly number[]];
  const handOn: HandOn = (_, step, relevance) => {
    const each = (of: ReadonlySet<string>) => step.node.inputs.map((input) => of.has(input));
    const common = { ops, step, relevance, box, wantsKernels: consume !== null };
    return ops.scope((keep) => {
      const handed = handedOn(
        { ...common, wanted: each(wanted), ofImages: each(ofImages) },
        asked.get(step.node.name)!,
      );
      absorbed = plus(absorbed, handed.absorbed);
      withheld = plus(withheld, handed.withheld);
      for (const [name, of] of handed.kernels) consume?.(name, of);
      return { inputs: handed.inputs.map((input) => input && keep(input)), parameters: [] };
    });
  };
  const after = steps.slice(steps.findIndex(({ node }) => node.name === source) + 1);
  const relevance = backward(ops, after, upstream, { wanted, source, consume: null }, handOn);
  return { relevance, start, absorbed, withheld };
}
