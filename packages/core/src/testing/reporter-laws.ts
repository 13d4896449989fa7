import { describe, expect, test } from 'vitest';
import { ndArray } from '../array.ts';
import type { ConceptBank } from '../concept-extractor.ts';
import type { Attributions } from '../explaining/explainer.ts';
import type { Labelled } from '../label.ts';
import type { Scores } from '../metric.ts';
import { checkFiles } from '../promises/files.ts';
import type { Entry, ModelSummary, Reporter, ReportInputs } from '../reporter.ts';
import { toyLabel } from './toys/toy-label.ts';
import { toySplit } from './toys/toy-split.ts';

/** Builds the reporter under test. */
export type ReporterFor = () => Reporter | Promise<Reporter>;

/** What every reporter promises. Each law throws when the promise is broken. */
export const reporterLaws: Readonly<Record<string, (reporterFor: ReporterFor) => Promise<void>>> = {
  async 'writes files that have plain names and are not empty'(reporterFor) {
    checkFiles(await (await reporterFor()).write(toyRun()), 'the reporter');
  },

  async 'writes the same bytes every time'(reporterFor) {
    expect(await filesOf(reporterFor, toyRun())).toEqual(await filesOf(reporterFor, toyRun()));
  },

  async 'writes the same bytes in whatever order the artifacts come'(reporterFor) {
    const { models, scores, attributions, concepts, ...rest } = toyRun();
    const reversed = {
      ...rest,
      models: models.toReversed(),
      scores: scores.toReversed(),
      attributions: attributions.toReversed(),
      concepts: concepts.toReversed(),
    };
    expect(await filesOf(reporterFor, reversed)).toEqual(await filesOf(reporterFor, toyRun()));
  },

  async 'reads one artifact at a time'(reporterFor) {
    let open = 0;
    let most = 0;
    const run = toyRun(async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 1));
      open--;
    });
    await filesOf(reporterFor, run);
    expect(most, 'artifacts being read at once').toBeLessThanOrEqual(1);
  },

  async 'reports a run that produced nothing'(reporterFor) {
    const none = { models: [], scores: [], attributions: [], concepts: [] };
    expect((await (await reporterFor()).write({ ...toyRun(), ...none })).size).toBeGreaterThan(0);
  },

  async 'goes on without what failed, and says in a file what is missing and why'(reporterFor) {
    const { scores, ...rest } = toyRun();
    const [gone, ...others] = scores;
    const missing = [
      {
        origin: gone!.origin,
        port: 'scores',
        failed: 'explain[sparsity=0]',
        code: 'runner/timed-out',
        text: 'It took too long.',
      },
    ];
    const files = await (await reporterFor()).write({ ...rest, scores: others, missing });
    const texts = [...files.values()].map((bytes) => Buffer.from(bytes).toString('utf8'));
    for (const told of ['gini', 'explain', 'It took too long.'])
      expect(
        texts.some((text) => text.includes(told)),
        `some file says "${told}"`,
      ).toBe(true);
  },

  async 'leaves the artifacts as they were'(reporterFor) {
    const artifacts = toyArtifacts();
    await filesOf(
      reporterFor,
      toyRun(async () => {}, artifacts),
    );
    expect(artifacts).toEqual(toyArtifacts());
  },
};

/** Registers the laws as tests of the reporter `name`. */
export function describeReporter(name: string, reporterFor: ReporterFor): void {
  describe(`${name} keeps the reporter laws`, () => {
    for (const [law, check] of Object.entries(reporterLaws)) test(law, () => check(reporterFor));
  });
}

async function filesOf(reporterFor: ReporterFor, run: ReportInputs): Promise<Record<string, string>> {
  const files = await (await reporterFor()).write(run);
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return Object.fromEntries([...files].sort().map(([name, bytes]) => [name, text(bytes)]));
}

const levels = [0, 0.5];
const images = toySplit();
const ids = images.ids.slice(0, 3);

interface ToyArtifacts {
  readonly models: readonly ModelSummary[];
  readonly scores: readonly Scores[];
  readonly attributions: readonly Labelled<Attributions>[];
  readonly banks: readonly Labelled<ConceptBank>[];
}

/** A dense and a pruned model with one artifact of every kind; `onLoad` runs while one is being read. */
function toyRun(onLoad: () => Promise<void> = async () => {}, artifacts: ToyArtifacts = toyArtifacts()): ReportInputs {
  const entries = <Value>(node: string, values: readonly Value[]): Entry<Value>[] =>
    levels.map((sparsity, i) => ({
      origin: { instance: `${node}[sparsity=${sparsity}]`, node, use: `toy/${node}`, labels: { sparsity } },
      load: async () => {
        await onLoad();
        return values[i]!;
      },
    }));
  return {
    provenance: toyProvenance,
    missing: [],
    images,
    models: entries('prune', artifacts.models),
    scores: entries(
      'gini',
      artifacts.scores.map((scores) => [scores]),
    ),
    attributions: entries('explain', artifacts.attributions),
    concepts: entries(
      'craft',
      artifacts.banks.map((bank) => [bank]),
    ),
  };
}

const numerics = { engine: 'toy', version: '1', inference: 'exact', training: 'exact' } as const;

const toyProvenance: ReportInputs['provenance'] = {
  study: { name: 'toy', digest: '0'.repeat(64), profile: null, text: '{ "name": "toy" }' },
  params: { levels },
  seed: 1,
  numerics,
  plugins: [],
  recipes: [],
  datasets: {},
  reportedBefore: 0,
};

function toyArtifacts(): ToyArtifacts {
  return {
    models: levels.map((sparsity) => ({
      architecture: 'toy',
      proof: {
        kernels: [{ name: 'conv.weight', total: 8, nonzero: 8 * (1 - sparsity) }],
        kernelSparsity: sparsity,
        parameterSparsity: sparsity * 0.8,
        maskDigest: '1'.repeat(64),
      },
      history: [{ epoch: 1, loss: 1, accuracy: 0.5, learningRate: 0.1 }],
      numerics,
      digest: '2'.repeat(64),
      networkDigest: `${sparsity}`,
    })),
    scores: levels.map((sparsity) => ({
      metric: 'sparseness',
      words: { name: 'Gini index', meaning: 'How few pixels hold the attribution.' },
      preset: 'corrected',
      label: toyLabel('sparseness', { attributions: toyLabel('Toy explainer') }),
      aspect: 'sparseness',
      role: 'primary',
      direction: 'neither',
      range: [0, 1],
      sample: 'image',
      ids,
      values: ids.map((_, i) => (i + sparsity) / 4),
      summary: 'mean',
      curve: { x: 'level', y: 'value', at: [0, 1], values: numbers('n s', [ids.length, 2]) },
    })),
    attributions: levels.map(() => ({
      values: numbers('n h w c', [ids.length, images.height, images.width, 3]),
      reduction: 'sum-abs',
      ids,
      classIndex: ids.map((_, i) => images.labels[i]!),
      method: 'toy/explain',
      ...labelledAs('Toy explainer'),
      diagnostics: {},
    })),
    banks: levels.map(() => toyBank()),
  };
}

const labelledAs = (name: string) => ({ label: toyLabel(name), preset: 'corrected' });

function toyBank(): Labelled<ConceptBank> {
  return {
    ...labelledAs('Toy concepts'),
    classIndex: 0,
    layer: 'conv',
    ids,
    crops: ids.map((_, image) => ({ image, top: 0, left: 0, size: 4 })),
    dictionary: numbers('r d', [2, 3]),
    codes: numbers('p r', [ids.length, 2]),
    maps: numbers('n h w r', [ids.length, 2, 2, 2]),
    importance: numbers('n r', [ids.length, 2]),
    importanceError: numbers('n r', [ids.length, 2]),
    reconstructionError: 0.25,
    factorisation: { iterations: 3, stop: 'converged' },
    children: [],
  };
}

/** Eighths from 0 to 1, in a pattern. */
function numbers<const Axes extends string>(axes: Axes, shape: readonly number[]) {
  const array = ndArray(axes, shape);
  array.data.forEach((_, i) => {
    array.data[i] = ((i * 5) % 9) / 8;
  });
  return array;
}
