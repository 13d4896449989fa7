import * as z from 'zod';
import { issueProblems } from '../text/issue-problems.ts';
import type { Path } from '../text/located-text.ts';
import { type Placed, substitute } from '../text/placed.ts';
import type { Problem } from '../text/problems.ts';
import type { ConnectedNode } from './connected-node.ts';
import type { ReadStudy } from './read-study.ts';
import { type ResolvedNode, resolvedNode } from './study-schema.ts';
import { type StudyValues, unknownParam } from './study-values.ts';

/** A node with parameters put in, and where its parts were written. */
export interface StudyNode extends Placed<ResolvedNode> {
  /** What is not known of it: parameters that there are not, parts that are misshapen. It cannot be expanded without. */
  readonly holes: readonly Path[];
  /** The inputs of recipes that its edges come by. */
  readonly through: ConnectedNode['through'];
}

/**
 * Puts parameters in.
 *
 * @returns every node; undefined where not even its `use` can be read
 */
export function resolvedNodes(
  nodes: ReadonlyMap<string, ConnectedNode>,
  { isLeftOut }: ReadStudy,
  { params, open }: StudyValues,
  report: (problem: Problem) => void,
): ReadonlyMap<string, StudyNode | undefined> {
  const resolve = (node: ConnectedNode): StudyNode | undefined => {
    const { through } = node;
    const { value, placeOf, ...put } = substitute(node, '$param', (param, place) => {
      const found = params.get(param);
      if (!found && !open.has(param) && !isLeftOut('params'))
        report({ code: 'study/invalid', place, text: unknownParam(param, params) });
      return found;
    });
    const holes = [...node.holes, ...put.holes];
    const found = resolvedNode.safeParse(value);
    if (found.success && node.isWellFormed) return { value: found.data, placeOf, holes, through };
    if (found.error && node.isWellFormed && holes.length === 0)
      for (const { path, key, text } of issueProblems(found.error.issues, value, {
        schema: resolvedNode,
        of: 'study',
      })) {
        const place = placeOf(path);
        report({ code: 'study/invalid', place: key && 'path' in place ? { ...place, key } : place, text });
      }
    const { data } = outline.safeParse(value);
    return data && { value: data, placeOf, holes: [...holes, ...beyondOutline], through };
  };
  return new Map([...nodes].map(([name, node]) => [name, resolve(node)]));
}

// What is read of a node that is misshapen elsewhere: its type, and the options of it.
const { use, with: options } = resolvedNode.shape;
const outline = z.object({ use, with: options });
const beyondOutline: readonly Path[] = Object.keys(resolvedNode.shape)
  .filter((key) => !(key in outline.shape))
  .map((key) => [key]);
