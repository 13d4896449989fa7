import { sizeOf } from '@espalier/core';
import type { DType, Tensor } from '@espalier/engine';
import { backward, withGradient } from '../graph/backward.ts';
import { type Computed, type Computing, forward } from '../graph/forward.ts';
import { kindOf } from '../graph/kinds.ts';
import { neededFor } from '../graph/needed-nodes.ts';
import { imagesName, type Network, type Node, type Shape } from '../graph/network.ts';
import { type Keeps, keepsNothing } from '../layers/kind.ts';
import { type PassedBack, passedBack, type RelevancePlan } from '../relevance/relevance-pass.ts';

/**
 * One form of a network, with its weights on the device. Calls must run inside a scope of its engine; what they return belongs to that scope.
 * Images are float32 and normalised.
 */
export class EvaluationForm {
  readonly #computing: Computing;
  readonly #network: Network;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #dtype: DType;

  constructor(computing: Computing, network: Network, shapes: ReadonlyMap<string, Shape>, dtype: DType) {
    this.#computing = computing;
    this.#network = network;
    this.#shapes = shapes;
    this.#dtype = dtype;
  }

  /** Whether a node has a value of its own in this form. */
  has(name: string): boolean {
    return this.#network.nodes.some((node) => node.name === name);
  }

  /** The value of a node, in the network's dtype; of the output, the logits `[n, k]`, float32. */
  value(images: Tensor, name = this.#network.output): Tensor {
    return this.#between(imagesName, images, name);
  }

  /** Logits `[n, k]`, float32, from the value of the node `name`. */
  logitsFrom(value: Tensor, name: string): Tensor {
    return this.#between(name, value, this.#network.output);
  }

  /** d sum(upstream * logits) / d value of `source`, float32: of the images, or of a node. */
  gradient(images: Tensor, upstream: Tensor, source = imagesName): Tensor {
    const { ops } = this.#computing;
    const { nodes, given } = this.#wholeWay(images);
    const wanted = withGradient(nodes, source, false);
    const keeps = (node: Node) => (wanted.has(node.name) && node.name !== source ? keepsOf(node, false) : null);
    const { steps } = forward(this.#computing, { nodes, given, target: this.#network.output, keeps });
    const after = steps.slice(steps.findIndex(({ node }) => node.name === source) + 1);
    const gradient = backward(ops, after, upstream, { wanted, source, consume: null });
    return gradient ? ops.cast(gradient, 'float32') : this.#zeros(upstream.shape[0]!, source);
  }

  /**
   * Hands over the gradient of each parameter of this form, once, as it lies on the device. `differentiate` takes the logits and gives
   * the gradient with respect to them.
   */
  parameterGradients(
    images: Tensor,
    differentiate: (logits: Tensor) => Tensor,
    consume: (name: string, gradient: Tensor) => void,
  ): void {
    const { nodes, given } = this.#wholeWay(images);
    const wanted = withGradient(nodes, null, true);
    const keeps = (node: Node) => (wanted.has(node.name) ? keepsOf(node, true) : null);
    const { value, steps } = forward(this.#computing, { nodes, given, target: this.#network.output, keeps });
    backward(this.#computing.ops, steps, differentiate(value), { wanted, source: null, consume });
  }

  /** Shows each step on the way to the logits as it is computed. */
  visit(images: Tensor, visit: (step: Computed) => void): void {
    forward(this.#computing, { ...this.#wholeWay(images), target: this.#network.output, keeps: null, visit });
  }

  /** What logits hand back by rules, in a form that is canonised. */
  passedBack(images: Tensor, plan: RelevancePlan): PassedBack & { readonly relevance: Tensor } {
    const found = passedBack(this.#computing, this.#network, images, plan);
    return { ...found, relevance: found.relevance ?? this.#zeros(images.shape[0]!, plan.source) };
  }

  #between(source: string, value: Tensor, target: string): Tensor {
    const nodes = neededFor(this.#network, target, source);
    const given = new Map([[source, this.#cast(value)]]);
    return forward(this.#computing, { nodes, given, target, keeps: null }).value;
  }

  #wholeWay(images: Tensor) {
    const nodes = neededFor(this.#network, this.#network.output, imagesName);
    return { nodes, given: new Map([[imagesName, this.#cast(images)]]) };
  }

  #cast(x: Tensor): Tensor {
    return this.#computing.ops.cast(x, this.#dtype);
  }

  /** Of a value that the logits do not depend on. */
  #zeros(images: number, source: string): Tensor {
    const shape = [images, ...this.#shapes.get(source)!];
    return this.#computing.ops.upload(new Float32Array(sizeOf(shape)), shape);
  }
}

function keepsOf({ layer }: Node, forParameters: boolean): Keeps {
  return kindOf(layer).keeps?.(layer, forParameters) ?? keepsNothing;
}
