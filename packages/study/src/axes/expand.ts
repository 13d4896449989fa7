import type { Label, ResolvedNode } from '../file/study-schema.ts';
import { below, type Placed, type PlaceOf } from '../text/placed.ts';
import { type Problem, shown, suggestion } from '../text/problems.ts';
import { type AxisValue, axisValues, type Combination, matrixCombinations, plainAxisValue } from './axes.ts';
import { checkEdgeLabels, takenBy } from './edge-labels.ts';
import type { Edge } from './study-graph.ts';

/** An output of another instance. */
export interface Source {
  readonly instance: string;
  readonly port: string;
}

/** A node at one label per axis, before its options are read. */
export interface Draft {
  /** `prune[seed=1,sparsity=0.5]`; the axes in alphabetical order. */
  readonly id: string;
  readonly node: string;
  readonly labels: Combination;
  /** What each input port gets; several for ports that gather. */
  readonly inputs: ReadonlyMap<string, readonly Source[]>;
  /** The same at the baseline label. */
  readonly baseline: ReadonlyMap<string, readonly Source[]> | undefined;
  /** For the zero of a scan: the input that each output hands on. Nothing is run. */
  readonly passThrough: ReadonlyMap<string, Source> | undefined;
}

/** What expanding one node needs to know of the rest of the study. */
export interface ExpandRequest {
  readonly name: string;
  readonly node: Placed<ResolvedNode>;
  readonly edges: ReadonlyMap<string, readonly Edge[]>;
  /** The instances of every node that comes before. */
  readonly drafts: ReadonlyMap<string, readonly Draft[]>;
  /** Where `gather` is not written: the ports all of whose axes end here. No axis ends where this is undefined. */
  readonly gathersAllOf?: ((port: string) => boolean) | undefined;
  /** Output ports of this node, for `carry`. */
  readonly outputs: readonly string[];
  /** How many instances the study may still have. */
  readonly limit: number;
  readonly report: (problem: Problem) => void;
}

interface Row {
  readonly labels: Combination;
  readonly inputs: ReadonlyMap<string, readonly Source[]>;
  readonly baseline: ReadonlyMap<string, readonly Source[]> | undefined;
}

/** The instances of one node: its inputs joined on equal labels, times its matrix, along its scan. */
export function expand(request: ExpandRequest): readonly Draft[] {
  const { name, node, edges, drafts, limit, report } = request;
  const gathered = gatheredAxes(request);
  const all = [...edges.values()].flat();
  const known = all.filter((edge) => checkEdgeLabels(edge.at, edge.node, drafts.get(edge.node) ?? [], report));
  if (known.length < all.length || !hasBaselineAxis(request, all)) return [];
  let rows: readonly Row[] = [
    { labels: new Map(), inputs: new Map(), baseline: node.value.baseline ? new Map() : undefined },
  ];
  for (const [port, portEdges] of edges)
    for (const edge of portEdges) {
      rows = join(rows, groupsOf(edge, port, drafts.get(edge.node) ?? [], gathered, request));
    }
  if (rows.length === 0) {
    const text = `The inputs of "${name}" have no labels in common, so it has no instances. Compare the axes of the nodes it uses.`;
    report({ code: 'study/invalid', place: node.placeOf(['in']), text });
    return [];
  }
  const own = matrixCombinations(node.value.matrix, { placeOf: below(node.placeOf, 'matrix'), limit, report });
  checkCollision(request, rows, own);
  const chain = scanOf(request, rows[0]!.labels, own[0]);
  const count = rows.length * own.length * (chain?.values.length ?? 1);
  if (count > limit) {
    const text = `"${name}" expands to ${count} instances, more than the study may still have (${limit}). Shorten an axis or raise "maxInstances".`;
    report({ code: 'study/invalid', place: node.placeOf([]), text });
    return [];
  }
  return rows.flatMap((row) =>
    own.flatMap((combination) => {
      const labels = new Map([...row.labels, ...combination]);
      return chain ? along(chain, name, { ...row, labels }) : [draft(name, { ...row, labels })];
    }),
  );
}

/** `node[axis=label,...]` */
export function instanceId(node: string, labels: ReadonlyMap<string, { readonly label: Label }>): string {
  const axes = [...labels].sort(([a], [b]) => (a < b ? -1 : 1)).map(([axis, { label }]) => `${axis}=${label}`);
  return axes.length > 0 ? `${node}[${axes.join(',')}]` : node;
}

function draft(node: string, row: Row, passThrough?: ReadonlyMap<string, Source>): Draft {
  return { id: instanceId(node, row.labels), node, ...row, passThrough };
}

function gatheredAxes({ node, edges, drafts, gathersAllOf, report }: ExpandRequest): ReadonlySet<string> {
  const axesOn = (takes: (port: string) => boolean): ReadonlySet<string> =>
    new Set([...edges].flatMap(([port, list]) => (takes(port) ? list.flatMap((edge) => axesTaken(edge, drafts)) : [])));
  const { gather } = node.value;
  if (!gather && gathersAllOf) {
    const staying = axesOn((port) => !gathersAllOf(port));
    return new Set([...axesOn(gathersAllOf)].filter((axis) => !staying.has(axis)));
  }
  const known = axesOn(() => true);
  return new Set(
    (gather ?? []).map((name, index) => {
      if (!known.has(name)) {
        const text = `No input has the axis "${name}", so it cannot be gathered.${suggestion(name, known)}`;
        report({ code: 'study/invalid', place: node.placeOf(['gather', index]), text });
      }
      return name;
    }),
  );
}

function axesTaken({ node }: Edge, drafts: ExpandRequest['drafts']): readonly string[] {
  return [...new Set((drafts.get(node) ?? []).flatMap(({ labels }) => [...labels.keys()]))];
}

/** What one edge offers: the sources that belong to each combination of labels. */
function groupsOf(
  edge: Edge,
  port: string,
  drafts: readonly Draft[],
  gathered: ReadonlySet<string>,
  request: ExpandRequest,
): readonly Row[] {
  const { baseline } = request.node.value;
  const byLabels = new Map(drafts.map((candidate) => [labelsKey(candidate.labels), candidate]));
  const groups = new Map<string, { labels: Combination; sources: Source[]; baseline: Source[] }>();
  for (const candidate of takenBy(edge.at, drafts)) {
    const labels = new Map([...candidate.labels].filter(([name]) => !gathered.has(name)));
    const key = labelsKey(labels);
    const group = groups.get(key) ?? { labels, sources: [], baseline: [] };
    group.sources.push({ instance: candidate.id, port: edge.port });
    if (baseline) group.baseline.push(...baselineSource(candidate, byLabels, baseline, edge, request));
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => ({
    labels: group.labels,
    inputs: new Map([[port, group.sources]]),
    baseline: baseline && new Map([[port, group.baseline]]),
  }));
}

/** Whether an input has the axis of the baseline: without one, what is compared with would be the input itself. */
function hasBaselineAxis({ node, drafts, report }: ExpandRequest, edges: readonly Edge[]): boolean {
  const axis = node.value.baseline?.axis;
  const known = [...new Set(edges.flatMap((edge) => axesTaken(edge, drafts)))];
  if (axis === undefined || known.includes(axis)) return true;
  const text = `No input has the axis "${axis}", so there is no baseline on it.${suggestion(axis, known)}`;
  report({ code: 'study/invalid', place: node.placeOf(['baseline', 'axis']), text });
  return false;
}

function baselineSource(
  candidate: Draft,
  byLabels: ReadonlyMap<string, Draft>,
  { axis, at }: NonNullable<ResolvedNode['baseline']>,
  edge: Edge,
  { node, report }: ExpandRequest,
): readonly Source[] {
  if (!candidate.labels.has(axis)) return [{ instance: candidate.id, port: edge.port }];
  const labels = new Map<string, { readonly label: Label }>(candidate.labels);
  const key = labelsKey(labels.set(axis, { label: at }));
  const found = byLabels.get(key);
  if (found) return [{ instance: found.id, port: edge.port }];
  const known = [...new Set([...byLabels.values()].map(({ labels }) => String(labels.get(axis)?.label)))];
  const text = `"${edge.node}" has no instance at ${axis}=${shown(at)}.${suggestion(String(at), known)}`;
  report({ code: 'study/invalid', place: node.placeOf(['baseline', 'at']), text });
  return [];
}

function labelsKey(
  labels: ReadonlyMap<string, { readonly label: Label }>,
  axes: readonly string[] = [...labels.keys()],
): string {
  return JSON.stringify([...axes].sort().map((axis) => [axis, labels.get(axis)?.label]));
}

/** Every pair of a row and a group whose shared axes have equal labels. */
function join(rows: readonly Row[], groups: readonly Row[]): readonly Row[] {
  const [first] = rows;
  const shared = [...(first?.labels.keys() ?? [])].filter((axis) => groups[0]?.labels.has(axis));
  const byKey = new Map<string, Row[]>();
  for (const group of groups) {
    const key = labelsKey(group.labels, shared);
    const same = byKey.get(key);
    if (same) same.push(group);
    else byKey.set(key, [group]);
  }
  return rows.flatMap((row) =>
    (byKey.get(labelsKey(row.labels, shared)) ?? []).map((group) => ({
      labels: new Map([...row.labels, ...group.labels]),
      inputs: merged(row.inputs, group.inputs),
      baseline: row.baseline && group.baseline && merged(row.baseline, group.baseline),
    })),
  );
}

function merged(
  a: ReadonlyMap<string, readonly Source[]>,
  b: ReadonlyMap<string, readonly Source[]>,
): ReadonlyMap<string, readonly Source[]> {
  const all = new Map(a);
  for (const [port, sources] of b) all.set(port, [...(all.get(port) ?? []), ...sources]);
  return all;
}

function checkCollision({ node, report }: ExpandRequest, rows: readonly Row[], own: readonly Combination[]): void {
  const inherited = rows[0]!.labels;
  const axes = [...(own[0]?.keys() ?? [])].map((axis) => ({ axis, place: node.placeOf(['matrix', axis]) }));
  const { scan } = node.value;
  if (scan) axes.push({ axis: scan.axis, place: node.placeOf(['scan', 'axis']) });
  for (const [index, { axis, place }] of axes.entries()) {
    const twice = axes.slice(0, index).some((other) => other.axis === axis);
    if (!twice && !inherited.has(axis)) continue;
    const owner = twice ? 'this node has it twice' : 'it comes with the inputs';
    report({
      code: 'study/invalid',
      place,
      text: `The axis "${axis}" cannot be made here: ${owner}. Choose another name.`,
    });
  }
}

interface Chain {
  readonly axis: string;
  readonly values: readonly AxisValue[];
  readonly zero: AxisValue | undefined;
  /** Input port: output port of the instance before. */
  readonly carry: ReadonlyMap<string, string>;
}

function scanOf(request: ExpandRequest, inherited: Combination, own: Combination | undefined): Chain | undefined {
  const { scan } = request.node.value;
  if (!scan || inherited.has(scan.axis) || own?.has(scan.axis)) return undefined;
  const placeOf = below(request.node.placeOf, 'scan');
  const values = axisValues(scan.over, below(placeOf, 'over'), request.report);
  const clash = values.find(({ label }) => label === scan.zero);
  if (clash) {
    const text = `${shown(scan.zero)} is the zero of this scan and one of its values. Leave it out of "over".`;
    request.report({ code: 'study/invalid', place: clash.value.placeOf([]), text });
  }
  const zero = scan.zero === undefined ? undefined : zeroValue(scan.zero, below(placeOf, 'zero'));
  return { axis: scan.axis, values: zero ? [zero, ...values] : values, zero, carry: carried(request, scan) };
}

function zeroValue(label: Label, placeOf: PlaceOf): AxisValue {
  return { ...plainAxisValue(label, placeOf), labelIsUse: false };
}

function carried(
  { node, edges, outputs, report }: ExpandRequest,
  { carry, zero }: NonNullable<ResolvedNode['scan']>,
): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const [input, output] of Object.entries(carry)) {
    const place = node.placeOf(['scan', 'carry', input]);
    if (!edges.has(input)) {
      const text = `"carry" names the input "${input}", which is not connected.${suggestion(input, edges.keys())}`;
      report({ code: 'study/invalid', place, text });
    } else if (!outputs.includes(output)) {
      const text = `"carry" names the output "${output}", which this node does not have.${suggestion(output, outputs)}`;
      report({ code: 'study/invalid', place, text });
    } else pairs.set(input, output);
  }
  const uncovered = outputs.find((output) => ![...pairs.values()].includes(output));
  if (zero !== undefined && uncovered !== undefined && pairs.size > 0) {
    const text = `With "zero", every output must be carried; "${uncovered}" is not.`;
    report({ code: 'study/invalid', place: node.placeOf(['scan', 'carry']), text });
  }
  return pairs;
}

function along({ axis, values, zero, carry }: Chain, name: string, row: Row): readonly Draft[] {
  const chain: Draft[] = [];
  for (const value of values) {
    const before = chain.at(-1);
    const labels = new Map([...row.labels, [axis, value]]);
    const inputs = new Map(row.inputs);
    if (before) for (const [input, output] of carry) inputs.set(input, [{ instance: before.id, port: output }]);
    const isZero = zero !== undefined && chain.length === 0;
    const passThrough = isZero
      ? new Map([...carry].map(([input, output]) => [output, row.inputs.get(input)![0]!]))
      : undefined;
    chain.push(draft(name, { ...row, labels, inputs }, passThrough));
  }
  return chain;
}
