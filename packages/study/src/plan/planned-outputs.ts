import { checkEdgeLabels, takenBy } from '../axes/edge-labels.ts';
import { readEdge } from '../axes/study-graph.ts';
import type { ArtifactKind } from '../file/artifact-kinds.ts';
import { localName } from '../file/connected-node.ts';
import type { WrittenEdge } from '../file/study-schema.ts';
import { clashFinder } from '../outputs/output-clashes.ts';
import { wrongForm } from '../outputs/output-forms.ts';
import { pathProblem } from '../outputs/output-names.ts';
import { type Claim, claimsOf, folderOfPage } from '../outputs/output-paths.ts';
import type { PlannedOutput } from '../outputs/planned-output.ts';
import type { IncludedStudy } from '../recipes/included-study.ts';
import { atKey, inFile, type Placed } from '../text/placed.ts';
import { type Problem, shown, suggestion } from '../text/problems.ts';
import { madeBy } from './known-inputs.ts';
import type { PlannedNodes } from './plan-nodes.ts';
import type { PlannedInstance } from './planned-instance.ts';

/** Reads `outputs`: a port of a node, or one of the files that a reporter writes (`report.results.json`). */
export function plannedOutputs(
  written: IncludedStudy['outputs'],
  planned: PlannedNodes,
  report: (problem: Problem) => void,
): readonly PlannedOutput[] {
  const clashOf = clashFinder();
  const byId = new Map(planned.instances.map((instance) => [instance.id, instance]));
  return [...written].flatMap(([path, edge]) => {
    const placeOf = inFile('outputs', path);
    const refuse = (text: string): void => report({ code: 'study/invalid', place: atKey(placeOf([])), text });
    const problem = pathProblem(path);
    if (problem !== undefined) {
      refuse(`${shown(path)} ${problem}.`);
      return [];
    }
    const found = edge && outputOf(path, edge, planned, report);
    const wrong =
      found && (found.claims.map(clashOf).find(Boolean) ?? wrongForm(path, found.kind, formsOf(found.output, byId)));
    if (wrong !== undefined) refuse(wrong);
    return found?.output ?? [];
  });
}

interface FoundOutput {
  readonly output: PlannedOutput;
  readonly kind: ArtifactKind;
  readonly claims: readonly Claim[];
}

/** The forms in which the plugin of a model writes it; several are a folder of the usual ones. */
function formsOf({ sources }: PlannedOutput, byId: ReadonlyMap<string, PlannedInstance>): readonly string[] {
  return sources.length === 1 ? Object.keys(madeBy(sources, byId)?.type.plugin?.fileForms ?? {}) : [];
}

function outputOf(
  path: string,
  written: Placed<WrittenEdge>,
  { drafts, typesOf }: PlannedNodes,
  report: (problem: Problem) => void,
): FoundOutput | undefined {
  const edge = readEdge(written);
  const types = typesOf.get(edge.node);
  if (!types) return undefined;
  const ports = types[0]!.kind.outputs;
  const filesPort = Object.keys(ports).find((port) => ports[port] === 'files');
  const port = Object.hasOwn(ports, edge.port) ? edge.port : filesPort;
  if (port === undefined) {
    const text = `"${edge.node}" (${types[0]!.use}) has no output "${edge.port}".${suggestion(edge.port, Object.keys(ports))}`;
    report({ code: 'study/invalid', place: edge.place, text });
    return undefined;
  }
  const file = port === edge.port ? undefined : edge.port;
  const files = types[0]!.plugin?.files;
  const named = [file ?? '', `${localName(edge.node)}.${file}`].find((name) => files?.includes(name));
  if (file !== undefined && files && (named === undefined || named.endsWith('/'))) {
    const known = files.filter((name) => !name.endsWith('/'));
    const text = `"${edge.node}" (${types[0]!.use}) writes no file "${file}".${suggestion(file, known)}`;
    report({ code: 'study/invalid', place: edge.place, text });
    return undefined;
  }
  const beside = named === undefined ? undefined : folderOfPage(named, files!);
  const instances = drafts.get(edge.node) ?? [];
  if (drafts.has(edge.node)) checkEdgeLabels(edge.at, edge.node, instances, report);
  const sources = takenBy(edge.at, instances).map(({ id }) => ({ instance: id, port, id }));
  const kind = ports[port]!;
  const output = { path, sources, file, ...(beside !== undefined && { beside }) };
  const claims = claimsOf(output, kind, types.length === 1 ? files : undefined);
  return { output: { ...output, paths: claims.map((claim) => claim.path) }, kind, claims };
}
