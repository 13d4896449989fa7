import type { OptionFinding, PlanKnowledge } from './plan-knowledge.ts';

/** What is wrong with `names`, an option at `path` that names classes of the images; nothing where it is null. */
export function classFindings(
  names: readonly string[] | null,
  path: OptionFinding['path'],
  { images }: Pick<PlanKnowledge, 'images'>,
): readonly OptionFinding[] {
  if (!images || !names) return [];
  return [...names.entries()]
    .filter(([, name]) => !images.classes.includes(name))
    .map(([index, name]) => ({
      path: [...path, index],
      text: `Expected a class of the images, one of ${quoted(images.classes)}; found "${name}".`,
    }));
}

/** What is wrong where a node has no baseline that it needs. @param why what it is needed for: `"lineage" compares ...` */
export function baselineFindings(
  why: string,
  path: OptionFinding['path'],
  { hasBaseline }: Pick<PlanKnowledge, 'hasBaseline'>,
): readonly OptionFinding[] {
  if (hasBaseline !== false) return [];
  const text = `${why}; found no baseline. Give the node a "baseline", such as { "axis": "sparsity", "at": 0 }.`;
  return [{ path, text }];
}

/** What is wrong with a metric whose inputs are of other images than it is given. */
export function apartFindings({ apart = [] }: Pick<PlanKnowledge, 'apart'>): readonly OptionFinding[] {
  return apart.map((port) => ({
    path: [],
    text: `The input "${port}" was computed of images that the input "images" does not have. Connect the same split to both.`,
  }));
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
