import { imagesName, type Network, type Shape } from '../graph/network.ts';
import { Couplings, type Part } from './couplings.ts';
import { idsBy, type Places, united } from './places.ts';
import { placesOf } from './rules.ts';

/** The channels of a network, and which of them can only go together. */
export interface CoupledChannels {
  /** By value, the images among them: for each place of the one axis along which channels differ, its class; none where they do not differ. */
  readonly values: ReadonlyMap<string, ChannelAxis>;
  /** Parts of parameters with the class of each of their places. */
  readonly parts: readonly (Omit<Part, 'first' | 'length'> & { readonly classes: readonly number[] })[];
  /** Why a class stays, of those that no mask can remove. */
  readonly kept: ReadonlyMap<number, string>;
}

/** The axis of a value that loses places when channels go. */
export interface ChannelAxis {
  readonly axis: number;
  readonly classes: readonly number[];
}

/**
 * Which channels of a network go together, so that every value and parameter loses whole places of one axis and nothing else that is computed
 * changes: what sums and products combine, what a depthwise convolution or BatchNorm passes on, the same places of all groups of a grouped
 * convolution, all features that a LayerNorm, a softmax or a product of matrices needs together, such as those of a head.
 *
 * @param shapes of all values, as `shapesOf` gives them
 */
export function coupledChannels({ nodes, output }: Network, shapes: ReadonlyMap<string, Shape>): CoupledChannels {
  const couplings = new Couplings();
  const values = new Map<string, Places>([[imagesName, onlyOne(shapes.get(imagesName)!, couplings.fresh(1))]]);
  for (const node of nodes) {
    const inputs = node.inputs.map((input) => values.get(input)!);
    values.set(node.name, placesOf(node, { inputs, shape: shapes.get(node.name)!, couplings }));
  }
  for (const id of values.get(imagesName)!.ids) couplings.keep(id, 'they are those of the images');
  for (const id of values.get(output)!.ids) couplings.keep(id, 'they are the classes');
  const axes = [...values].map(([name, places]) => [name, axisOf(places, couplings, name)] as const);
  const found = new Map(axes.map(([name, axis]) => [name, classesAlong(values.get(name)!, axis, couplings)]));
  const parts = couplings.parts.map(({ parameter, axis, side, first, length }) => ({
    parameter,
    axis,
    side,
    classes: Array.from({ length }, (_, i) => couplings.classOf(first + i)),
  }));
  return { values: found, parts: [...parts, ...learnedValues(nodes, found)], kept: keptClasses(found, couplings) };
}

function onlyOne(shape: Shape, id: number): Places {
  return { shape, sizes: shape.map(() => 1), ids: Int32Array.of(id) };
}

/** The axis along which channels differ. Where several are, those that leave fewer classes are united. */
function axisOf(places: Places, couplings: Couplings, name: string): number {
  const { sizes } = places;
  const along = (axis: number) => sizes.map((length, at) => (at === axis ? length : 1));
  const counted = sizes.map((length, axis) => (length === 1 ? 0 : countClasses(idsBy(places, along(axis)), couplings)));
  const most = Math.max(...counted);
  const best = most > 1 ? counted.lastIndexOf(most) : sizes.length - 1;
  if (sizes.filter((length) => length > 1).length > 1)
    united(places, along(best), couplings, `"${name}" has them along several axes`);
  return best;
}

/** How many classes were left if each list were one. */
function countClasses(lists: readonly (readonly number[])[], couplings: Couplings): number {
  const trial = new Couplings();
  const ids = new Map<number, number>();
  const idOf = (id: number) => {
    const found = ids.get(couplings.classOf(id)) ?? trial.fresh(1);
    ids.set(couplings.classOf(id), found);
    return found;
  };
  const firsts = lists.map((list) => {
    const known = list.map(idOf);
    trial.join(known, '');
    return known[0]!;
  });
  return new Set(firsts.map((id) => trial.classOf(id))).size;
}

function classesAlong(places: Places, axis: number, couplings: Couplings): ChannelAxis {
  const { ids, shape, sizes } = places;
  if (shape.length === 0) return { axis: 0, classes: [] };
  const step = sizes.slice(axis + 1).reduce((product, length) => product * length, 1);
  const classes = Array.from({ length: shape[axis]! }, (_, i) =>
    couplings.classOf(ids[sizes[axis] === 1 ? 0 : i * step]!),
  );
  return { axis, classes };
}

/** Learned values are parameters as they are. */
function learnedValues(
  nodes: Network['nodes'],
  values: ReadonlyMap<string, ChannelAxis>,
): readonly CoupledChannels['parts'][number][] {
  return nodes.flatMap(({ name, layer }) =>
    layer.kind === 'parameter' ? [{ parameter: layer.parameter, side: 'output' as const, ...values.get(name)! }] : [],
  );
}

/** Those that rules keep, and those that are all that a value has. */
function keptClasses(values: ReadonlyMap<string, ChannelAxis>, couplings: Couplings): ReadonlyMap<number, string> {
  const kept = new Map<number, string>();
  for (const [name, { classes }] of values) {
    const [first] = classes;
    if (first !== undefined && classes.every((each) => each === first))
      kept.set(first, couplings.whyJoined(first) ?? `they are all that "${name}" has`);
    for (const each of classes) {
      const reason = couplings.whyKept(each);
      if (reason !== undefined) kept.set(each, reason);
    }
  }
  return kept;
}
