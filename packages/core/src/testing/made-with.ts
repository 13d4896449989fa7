import type { Model } from '../networks/model.ts';
import type { Kind, Plugin, Ports } from '../plugin.ts';
import { randomStream } from '../random/random.ts';
import { plainServices } from '../services.ts';
import { wholeModel } from './limited-model.ts';
import { toyInputs } from './toys/toy-inputs.ts';
import { toyModel } from './toys/toy-model.ts';
import { toyExamples, toySample, uniformArray } from './toys/toy-split.ts';

const images = uniformArray('n h w c', [3, 8, 8, 3], randomStream(11, 'made-with'));
const ids = ['a', 'b', 'c'];

/** A model by its seed. */
export type ToyFor = (seed: number) => Model;

type Makers = { readonly [K in Kind]: (port: Ports[K], toy: ToyFor, plugin: Plugin<K, never>) => Promise<unknown> };

/** Asks a port for all that it makes, of toys. */
const makers: Makers = {
  async dataset(dataset) {
    const parts = (['train', 'tune', 'val'] as const).map((name) => dataset.split(name));
    return Promise.all(
      parts.map(async (split) => [split.ids, split.labels, await split.images(split.ids.length > 0 ? [0] : [])]),
    );
  },
  async model(factory) {
    const { input, classes } = toyModel();
    const model = await factory.create({ input: { ...input, height: 32, width: 32 }, classes }, 1);
    return model.weights();
  },
  // One that looks at images and does not declare it finds none, as in a study that gives none.
  pruner: (pruner, toy, { needsData }) => pruner.mask(toy(0), needsData ? { sample: toySample } : {}),
  async explainer(explainer, toy) {
    return [explainer.reduction, await explainer.explain(toy(0), images, [0, 2, 1], undefined, ids)];
  },
  concepts: (extractor, toy, { needsData }) =>
    extractor.extract(toy(0), { ids, images, classIndex: 1, ...(needsData && toyExamples()) }),
  async metric(metric, toy) {
    const inputs = { ...toyInputs(), model: toy(0) };
    const { explain } = inputs.explainer;
    const explainer = {
      ...inputs.explainer,
      explain: ((model, ...asked) => explain(wholeModel(model), ...asked)) satisfies typeof explain,
    };
    const baseline = { ...inputs, model: toy(5), concepts: inputs.otherConcepts };
    const scores = await metric.measure({ ...inputs, explainer }, { ...baseline, explainer });
    return scores.map(({ settings: _, words: __, ...numbers }) => numbers);
  },
  reporter: async () => undefined,
};

/** What the port that `plugin` creates with `options` makes of toys. */
export async function madeWith<K extends Kind>(
  plugin: Plugin<K, never>,
  options: never,
  toy: ToyFor = toyModel,
): Promise<unknown> {
  return makers[plugin.kind](await plugin.create(options, plainServices()), toy, plugin);
}
