import { conceptBank, gridOfCrops, type Matrix, sideOf, zeros } from '@espalier/concept-activations';
import { type ConceptBank, type ConceptImages, type LayerInfo, type Model, rows, type Services } from '@espalier/core';
import { type ActivationVector, type Draw, distancesOf, sumsOverPlaces } from './activation-vectors.ts';
import { meanOf } from './significance.ts';

/** What banks of TCAV are: signed distances along directions that each stand by themselves, of concepts with names, learned from several draws. */
export const tcavForm = { codes: 'signed', rebuilds: false, isNamed: true, hasDraws: true } as const;

/** The vectors of a model, which all classes share. */
export interface Learned {
  readonly draws: readonly Draw[];
  /** One per concept. */
  readonly names: readonly string[];
  /** Images that each vector was tested on. */
  readonly tested: number;
}

interface Asked extends Learned {
  readonly model: Model;
  readonly images: ConceptImages;
  readonly layer: LayerInfo;
  readonly patch: number;
  readonly told: (part: number) => void;
}

/** The bank of one class: codes are signed distances, a mean over draws; importance the part of the draws along which the logit rises. */
export async function sensitivityBank(asked: Asked, services: Pick<Services, 'signal'>): Promise<ConceptBank> {
  const { model, images, layer, draws, names, tested, told, patch } = asked;
  const rises = await risesOf(asked, services);
  const means = names.map((_, k) => meanVector(draws.map(({ concepts }) => concepts[k]!)));
  const places = new Map(images.ids.map((id, n) => [id, n]));
  const vectors = draws.flatMap(({ concepts }) => concepts);
  const bank = await conceptBank(
    {
      ...{ model, images, layer: layer.name, told, form: tcavForm },
      crops: gridOfCrops(images.images, sideOf(patch, model)),
      learn: () => ({
        directions: columns(means.map(({ direction }) => direction)),
        names,
        iterations: draws.length,
        stop: vectors.every(({ isConverged }) => isConverged) ? 'converged' : 'iteration-limit',
        encode: (found) => columns(means.map((mean) => distancesOf(found, mean))),
      }),
      measure: async (_head, _image, _directions, id) => ({
        importance: Float64Array.from(names, (_, k) =>
          meanOf(rises.concepts.map((draw) => draw[k]![places.get(id)!]!)),
        ),
      }),
    },
    services,
  );
  const order = bank.names!.map((name) => names.indexOf(name)); // the form has names
  return {
    ...bank,
    draws: {
      of: 'counterparts',
      importance: rises.concepts.map((draw) => order.map((k) => meanOf(draw[k]!))),
      chance: rises.chance.map(meanOf),
      accuracy: draws.map(({ concepts }) => order.map((k) => concepts[k]!.accuracy)),
      tested,
    },
  };
}

/** Whether the logit of the class rises along each vector, 1 or 0: by draw, concept and image. */
async function risesOf(
  { model, images: { ids, images, classIndex }, layer, draws }: Asked,
  { signal }: Pick<Services, 'signal'>,
) {
  const slopes = zeros(ids.length, layer.features);
  for (let n = 0; n < ids.length; n++) {
    signal.throwIfAborted();
    const gradient = await model.activationGradient(rows(images, n, n + 1), layer.name, [classIndex]);
    slopes.data.set(sumsOverPlaces(gradient, layer), n * layer.features);
  }
  const along = ({ direction }: ActivationVector) =>
    Array.from(distancesOf(slopes, { direction, offset: 0 }), (slope) => Number(slope > 0));
  return {
    concepts: draws.map(({ concepts }) => concepts.map(along)),
    chance: draws.map(({ chance }) => along(chance)),
  };
}

/** What gives the mean of the signed distances of some vectors. */
function meanVector(vectors: readonly ActivationVector[]): Pick<ActivationVector, 'direction' | 'offset'> {
  const [first] = vectors;
  return {
    direction: first!.direction.map((_, d) => meanOf(vectors.map(({ direction }) => direction[d]!))),
    offset: meanOf(vectors.map(({ offset }) => offset)),
  };
}

/** A matrix of these columns. */
function columns(values: readonly Float64Array[]): Matrix {
  const matrix = zeros(values[0]!.length, values.length);
  for (const [k, column] of values.entries())
    for (const [i, value] of column.entries()) matrix.data[i * values.length + k] = value;
  return matrix;
}
