import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kind, type Plugin, StudyError } from '@espalier/core';
import { openStudy, type RunResult, runStudy } from '@espalier/runner';
import { allPlugins } from '../all-plugins.ts';
import { type Looks, lookingPackage } from './looking-package.ts';

const modules = await allPlugins();
const aliasOf = (name: string) => name.replace('@espalier/', '');

/** All plugins of a kind, by what the study calls them. */
export function pluginsOf(kind: Kind): ReadonlyMap<string, Plugin> {
  return new Map(
    modules.flatMap(({ name, plugins }) =>
      plugins.filter((plugin) => plugin.kind === kind).map((plugin) => [`${aliasOf(name)}/${plugin.name}`, plugin]),
    ),
  );
}

/** The name of the node that uses a pruner, or of that which explains with an explainer what the pruner left. */
export const nodeOf = (...uses: readonly string[]) => uses.map((use) => use.replace('/', '_')).join('--');

type Node = Readonly<Record<string, unknown>>;

/** One network, pruners and explainers by their use, with their options. */
export interface Swaps {
  readonly network: Node;
  readonly pruners: ReadonlyMap<string, object>;
  readonly explainers: ReadonlyMap<string, object>;
  /** Whether each is used in one cell only, where there are as many of both, instead of in all. */
  readonly isDiagonal?: boolean;
}

/** The pruner and the explainer of each cell. */
export function cellsOf({ pruners, explainers, isDiagonal }: Swaps): readonly (readonly [string, string])[] {
  const least = Math.min(pruners.size, explainers.size);
  const isCell = (p: number, e: number) => !isDiagonal || (p % least === e % least && (p < least || e < least));
  return [...pruners.keys()].flatMap((pruner, p) =>
    [...explainers.keys()].flatMap((explainer, e) => (isCell(p, e) ? [[pruner, explainer] as const] : [])),
  );
}

/** The network, trained a little; every pruner of it; every explainer of what each pruner leaves. */
function nodesOf(swaps: Swaps): Readonly<Record<string, Node>> {
  const { network, pruners, explainers } = swaps;
  const data = { $from: 'data.train' };
  const images = { $from: 'data.eval' };
  const training = { epochs: 2, batchSize: 4 };
  const nodes: Record<string, Node> = {
    data: { use: 'looking/images' },
    network: { ...network, in: { data } },
    dense: { use: 'core/train', in: { model: { $from: 'network.model' }, data }, with: training },
  };
  for (const [pruner, asked] of pruners) {
    const pruned = nodeOf(pruner);
    const model = { $from: `${pruned}.model` };
    nodes[pruned] = { use: pruner, in: { model: { $from: 'dense.model' }, data }, with: asked };
    nodes[`look-${pruned}`] = { use: 'looking/masks', in: { model }, with: { node: pruned } };
  }
  for (const [pruner, explainer] of cellsOf(swaps)) {
    const maps = nodeOf(pruner, explainer);
    const model = { $from: `${nodeOf(pruner)}.model` };
    const attributions = { $from: `${maps}.attributions` };
    nodes[maps] = { use: explainer, in: { model, images }, with: explainers.get(explainer) };
    nodes[`look-${maps}`] = { use: 'looking/maps', in: { model, images, attributions }, with: { node: maps } };
  }
  return nodes;
}

/** Why the plan refuses nodes, a sentence each, by the name of the node. */
export async function refusalsOf(swaps: Swaps): Promise<ReadonlyMap<string, readonly string[]>> {
  using study = writtenStudy(swaps, { pruned: async () => {}, explained: () => {} });
  const found = new Map<string, string[]>();
  for (const problem of await problemsOf(study.request)) {
    const [node, text] = /\/nodes\/([^/ ]+)\S* {2}(.*)$/.exec(problem)?.slice(1) ?? ['the study', problem];
    found.set(node!, [...(found.get(node!) ?? []), text!]);
  }
  return found;
}

/** Runs the study; what it computes is looked at. */
export async function runSwaps(swaps: Swaps, looks: Looks): Promise<RunResult> {
  using study = writtenStudy(swaps, looks);
  return await runStudy(study.request);
}

function writtenStudy(swaps: Swaps, looks: Looks) {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-swaps-'));
  const file = join(folder, 'study.json');
  const plugins = Object.fromEntries(modules.map(({ name }) => [aliasOf(name), name]));
  const study = {
    ...{ apiVersion: 'study/v1', name: 'swaps', seed: 1, maxInstances: 10_000 },
    plugins: { ...plugins, looking: '@espalier/looking' },
    nodes: nodesOf(swaps),
  };
  writeFileSync(file, JSON.stringify(study));
  const packages = new Map<string, unknown>(modules.map(({ name, ...module }) => [name, module]));
  packages.set('@espalier/looking', lookingPackage(looks));
  return {
    request: { file, packages, compute: { engine: 'wasm' } } as const,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function problemsOf(request: Parameters<typeof openStudy>[0]): Promise<readonly string[]> {
  try {
    await using _ = await openStudy(request);
    return [];
  } catch (error) {
    if (!StudyError.is(error)) throw error;
    return error.message.split('\n').slice(1);
  }
}
