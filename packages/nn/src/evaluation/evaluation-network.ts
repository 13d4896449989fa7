import type { Weights } from '@espalier/core';
import type { DType, Ops } from '@espalier/engine';
import { evaluated, type Weighted } from '../fusing/evaluated.ts';
import { canonised } from '../fusing/fold-norms.ts';
import { fused } from '../fusing/fused.ts';
import { exactNodes } from '../graph/exact-nodes.ts';
import { imagesName, type Network, type Node, type Shape } from '../graph/network.ts';
import { EvaluationForm } from './evaluation-form.ts';
import { FrozenParameters } from './frozen-parameters.ts';

/** What a network is evaluated with. */
export interface EvaluationParts {
  readonly ops: Ops;
  readonly network: Network;
  readonly weights: Weights;
  /** Of all values, for one image. */
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly dtype: DType;
}

/**
 * A network as it is evaluated and explained, with its weights on the device. It takes the form that has the value that is asked for: in the
 * usual one everything that can be fused is fused; where that swallows a node, another form leaves it alone. Forms share their weights.
 *
 * Forms are made outside every scope of `ops`.
 */
export class EvaluationNetwork implements Disposable {
  readonly #parts: EvaluationParts;
  readonly #parameters: FrozenParameters;
  readonly #forms = new Map<string, EvaluationForm>();

  constructor(parts: EvaluationParts) {
    this.#parts = parts;
    this.#parameters = new FrozenParameters(parts.ops);
  }

  /** In the fewest passes in which the node `layer` has a value of its own. */
  formWith(layer = this.#parts.network.output): EvaluationForm {
    const { shapes } = this.#parts;
    const usual = this.#form('', () => fused(this.#parts, shapes, new Set()));
    if (layer === imagesName || usual.has(layer)) return usual;
    return this.#form(layer, () => fused(this.#parts, shapes, new Set([layer])));
  }

  /** With every parameter of its own: nothing is fused, and `affine` layers stand for BatchNorm. */
  formWithParameters(): EvaluationForm {
    return this.#form('\0parameters', () => evaluated(this.#parts));
  }

  /** For rules of relevance, with a value of its own for the node `layer`: in float32, as quotients of what nearly cancels are large. */
  formWithRules(layer = this.#parts.network.output): EvaluationForm {
    const usual = this.#form('\0rules', () => canonised(this.#parts, new Set()), 'float32');
    if (layer === imagesName || usual.has(layer)) return usual;
    return this.#form(`\0rules ${layer}`, () => canonised(this.#parts, new Set([layer])), 'float32');
  }

  [Symbol.dispose](): void {
    this.#parameters[Symbol.dispose]();
    this.#forms.clear();
  }

  #form(key: string, make: () => Weighted, dtype = this.#parts.dtype): EvaluationForm {
    const known = this.#forms.get(key);
    if (known) return known;
    const { network, weights } = make();
    const { ops, shapes } = this.#parts;
    const exact = exactNodes(network);
    const dtypeOf = ({ name }: Node): DType => (exact.has(name) ? 'float32' : dtype);
    for (const node of network.nodes) this.#parameters.load(node, weights, dtypeOf(node));
    const open = (node: Node) => this.#parameters.open(node, dtypeOf(node));
    const form = new EvaluationForm({ ops, dtypeOf, open }, network, shapes, dtype);
    this.#forms.set(key, form);
    return form;
  }
}
