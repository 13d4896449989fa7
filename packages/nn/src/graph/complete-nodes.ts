import { withGradient } from './backward.ts';
import { neededFor } from './needed-nodes.ts';
import { imagesName, type Network } from './network.ts';

/**
 * The nodes of which the rest of the network is a function alone: where, in topological order, no other value of the images is still read by
 * a later node. What is computed of parameters and constants alone counts for none.
 */
export function completeNodes(network: Network): ReadonlySet<string> {
  const nodes = neededFor(network, network.output, imagesName);
  const ofImages = withGradient(nodes, imagesName, false);
  const lastReader = new Map<string, number>([[network.output, nodes.length]]);
  nodes.forEach(({ inputs }, i) => {
    for (const input of inputs) lastReader.set(input, i);
  });
  const complete = new Set<string>();
  const open = new Set([imagesName]);
  nodes.forEach(({ name, inputs }, i) => {
    for (const input of inputs) if (lastReader.get(input) === i) open.delete(input);
    if (!ofImages.has(name)) return;
    open.add(name);
    if (open.size === 1) complete.add(name);
  });
  return complete;
}
