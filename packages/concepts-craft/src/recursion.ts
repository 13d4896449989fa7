import { type BankTask, conceptBank, type Measures, ofStep } from '@espalier/concept-activations';
import {
  type ConceptBank,
  type ConceptImages,
  type ModelOutline,
  readLayerNamed,
  type Services,
  StudyError,
  takeRows,
} from '@espalier/core';
import { type LearnOptions, learnedDirections } from './learned-directions.ts';
import { type Negative, refusalOfNegative } from './negative-activations.ts';
import { nonNegativeDictionary } from './non-negative-dictionary.ts';

/** How a bank is found and which of its concepts are looked into. */
export interface RecursionOptions extends LearnOptions {
  readonly measure: Measures;
  readonly negative: Negative;
  readonly branch: { readonly importance: number; readonly crops: number; readonly concepts: number };
}

/** A bank whose concepts may be looked into, and the layers of the levels below it. */
export interface Branch extends Pick<BankTask, 'model' | 'images' | 'told'> {
  readonly bank: ConceptBank;
  readonly layers: readonly string[];
  /** Tells the random streams of the banks below from those of others. */
  readonly label: string;
}

/**
 * The layer of each level, from the first: `layer` or the model's last, then those asked for, or else the one before.
 *
 * @throws StudyError `core/layer-unknown`, `core/layer-incomplete`, `core/layer-unread`, or `core/options-invalid` when a level's layer is not before that of the level above.
 */
export function layersByLevel(
  model: Pick<ModelOutline, 'layers'>,
  { layer, layers, depth }: { layer: string | null; layers: readonly string[]; depth: number },
): readonly string[] {
  const chosen = [readLayerNamed(model.layers, layer).name];
  for (let level = 1; level <= depth; level++) {
    chosen.push(layerBefore(model, chosen[level - 1]!, layers[level - 1], level));
  }
  return chosen;
}

/**
 * Concepts within the important concepts of a bank: the crops where a concept is strongest, factorised at an
 * earlier layer.
 *
 * A child's `ids` are the images that its crops come from. The rest of their activation stays in place while
 * importance is measured, because sub-concepts rebuild the one concept and not the whole image.
 */
export async function childBanks(
  { model, images, bank, layers, label, told }: Branch,
  options: RecursionOptions,
  services: Services,
): Promise<ConceptBank['children']> {
  const [layer, ...below] = layers;
  if (layer === undefined) return [];
  const children: { concept: number; bank: ConceptBank }[] = [];
  const important = importantConcepts(bank, options.branch.importance);
  for (const [at, concept] of important.entries()) {
    const toldOf = ofStep(told, at, important.length);
    const [toldBank, toldInside] =
      below.length === 0 ? [toldOf, () => {}] : [ofStep(toldOf, 0, 2), ofStep(toldOf, 1, 2)];
    const part = strongestCrops(bank, images, concept, options.branch.crops);
    const concepts = Math.min(options.branch.concepts, part.crops.length);
    if (concepts < 2) continue;
    const place = `${label}/${concept}`;
    const learn: BankTask['learn'] = (from, heard) =>
      nonNegativeDictionary(from, (activations) =>
        learnedDirections(activations, { ...options, concepts }, { seed: services.seed, label: place }, heard),
      );
    const refusal = refusalOfNegative(layer, options.negative);
    const task = { model, layer, ...refusal, keepRest: true, learn, measure: options.measure, told: toldBank, ...part };
    const found = await conceptBank(task, services);
    const branch = { model, images: part.images, bank: found, layers: below, label: place, told: toldInside };
    const inside = await childBanks(branch, options, services);
    children.push({ concept, bank: { ...found, children: inside } });
  }
  return children;
}

function layerBefore(
  model: Pick<ModelOutline, 'layers'>,
  parent: string,
  asked: string | undefined,
  level: number,
): string {
  const parentIndex = model.layers.findIndex(({ name }) => name === parent);
  const stages = model.layers.slice(0, parentIndex).filter(({ isStage }) => isStage);
  const layer = asked === undefined ? stages.at(-1) : readLayerNamed(model.layers, asked);
  if (layer && model.layers.indexOf(layer) < parentIndex) return layer.name;
  const earlier = stages.map(({ name }) => `"${name}"`);
  throw new StudyError(
    'core/options-invalid',
    `Level ${level} of the recursion needs a layer before "${parent}"` +
      `${asked === undefined ? '' : `, found "${asked}"`}; ` +
      `${earlier.length > 0 ? `there are ${earlier.join(', ')}` : 'there is none'}. Change \`layers\`, or lower \`depth\`.`,
  );
}

function importantConcepts({ importance }: ConceptBank, least: number): readonly number[] {
  const [count, rank] = importance.shape as [number, number]; // 'n r' has two sizes
  return Array.from({ length: rank }, (_, k) => k).filter((k) => {
    let sum = 0;
    for (let n = 0; n < count; n++) sum += importance.data[n * rank + k]!;
    return sum / count >= least;
  });
}

/** The crops where a concept is strongest, at most `limit`, in the bank's order; and the images they come from. */
function strongestCrops(
  { codes, crops }: ConceptBank,
  { ids, images, classIndex }: ConceptImages,
  concept: number,
  limit: number,
): { images: ConceptImages; crops: ConceptBank['crops'] } {
  const rank = codes.shape[1]!;
  const strength = (p: number) => codes.data[p * rank + concept]!;
  const chosen = [...crops.keys()]
    .filter((p) => strength(p) > 0)
    .sort((a, b) => strength(b) - strength(a) || a - b)
    .slice(0, limit)
    .sort((a, b) => a - b)
    .map((p) => crops[p]!);
  const used = [...new Set(chosen.map(({ image }) => image))];
  return {
    images: { ids: used.map((image) => ids[image]!), images: takeRows(images, used), classIndex },
    crops: chosen.map((crop) => ({ ...crop, image: used.indexOf(crop.image) })),
  };
}
