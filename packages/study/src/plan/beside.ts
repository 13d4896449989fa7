import { type Draft, instanceId, type Source } from '../axes/expand.ts';
import type { StudyNode } from '../file/resolved-nodes.ts';
import type { Label } from '../file/study-schema.ts';
import type { NodeType } from '../nodes/node-types.ts';
import { typeOfDraft } from '../nodes/node-use.ts';
import { type Problem, shown, suggestion } from '../text/problems.ts';

/** What is known of a node when its instances are put beside each other. */
export interface BesideRequest {
  readonly node: StudyNode;
  /** All types of the study, and those that this node may use. */
  readonly types: ReadonlyMap<string, NodeType>;
  readonly own: readonly NodeType[];
  readonly report: (problem: Problem) => void;
}

/**
 * The instances of a node, each with the outputs of the one at the labels that its `beside` names; those go first, so that each comes
 * after what it uses. It goes without itself, and so does a plugin without such an input, and the zero of a scan, which runs nothing.
 */
export function besideEachOther(drafts: readonly Draft[], request: BesideRequest): readonly Draft[] {
  const { beside } = request.node.value;
  if (!beside || !isSound(drafts, beside, request)) return drafts;
  const at = Object.entries(beside.at);
  const isFirst = ({ labels }: Draft) => at.every(([axis, label]) => labels.get(axis)?.label === label);
  const byId = new Map(drafts.map((draft) => [draft.id, draft]));
  return [
    ...drafts.filter(isFirst),
    ...drafts.filter((draft) => !isFirst(draft)).map((draft) => joined(draft, byId, request)),
  ];
}

type Beside = NonNullable<StudyNode['value']['beside']>;

function joined(draft: Draft, byId: ReadonlyMap<string, Draft>, { node, types, report }: BesideRequest): Draft {
  const { at, in: ports } = node.value.beside!; // it was just seen
  const type = typeOfDraft(draft, node.value, types);
  const wanted = Object.entries(ports).filter(([port]) => type && Object.hasOwn(type.inputs, port));
  if (draft.passThrough || wanted.length === 0) return draft;
  const labels = new Map<string, { readonly label: Label }>(draft.labels);
  for (const [axis, label] of Object.entries(at)) labels.set(axis, { label });
  const other = instanceId(draft.node, labels);
  if (!byId.has(other)) {
    const text = `"${draft.id}" is put beside "${other}", which there is not. Give both the same labels on every other axis.`;
    report({ code: 'study/invalid', place: node.placeOf(['beside', 'at']), text });
  }
  const found = wanted.map(([port, output]): [string, Source[]] => [port, [{ instance: other, port: output }]]);
  return { ...draft, inputs: new Map([...draft.inputs, ...found]) };
}

function isSound(drafts: readonly Draft[], { at, in: ports }: Beside, request: BesideRequest): boolean {
  const { node, report } = request;
  const refuse = (path: readonly string[], text: string): false => {
    report({ code: 'study/invalid', place: node.placeOf(['beside', ...path]), text });
    return false;
  };
  const axes = [...(drafts[0]?.labels.keys() ?? [])];
  const areLabels = Object.entries(at).map(([axis, label]) => {
    if (!axes.includes(axis)) return refuse(['at', axis], `This node has no axis "${axis}".${suggestion(axis, axes)}`);
    const labels = [...new Set(drafts.flatMap((draft) => draft.labels.get(axis)?.label ?? []))];
    if (labels.includes(label)) return true;
    const known = suggestion(String(label), labels.map(String));
    return refuse(['at', axis], `This node has no instance at ${axis}=${shown(label)}.${known}`);
  });
  if (areLabels.includes(false)) return false;
  return Object.entries(ports)
    .map(([port, output]) => {
      const problem = portProblem(port, output, request);
      return problem === undefined || refuse(['in', port], problem);
    })
    .every((isFine) => isFine);
}

function portProblem(port: string, output: string, { node, own }: BesideRequest): string | undefined {
  const taking = own.filter(({ inputs }) => Object.hasOwn(inputs, port));
  const inputs = own.flatMap((type) => Object.keys(type.inputs));
  if (taking.length === 0) return `No plugin of this node has an input "${port}".${suggestion(port, inputs)}`;
  if (Object.hasOwn(node.value.in ?? {}, port)) return `The input "${port}" is connected already, under "in".`;
  for (const { use, kind } of own) {
    const made = Object.hasOwn(kind.outputs, output) ? kind.outputs[output] : undefined;
    if (!made) return `${use} has no output "${output}".${suggestion(output, Object.keys(kind.outputs))}`;
    const wrong = taking.find((type) => type.inputs[port]!.kind !== made);
    if (wrong) return `${wrong.use} takes something else than "${output}" as its input "${port}".`;
  }
  return undefined;
}
