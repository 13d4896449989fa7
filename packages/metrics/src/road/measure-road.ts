import {
  expectShape,
  type Given,
  type Measurement,
  type Model,
  placesOf,
  reduceChannels,
  rows,
  type Services,
  type Split,
  StudyError,
} from '@espalier/core';
import { expectFiniteMap } from '../inputs.ts';
import { linearImputer } from './imputation/linear-imputation.ts';
import { type Curves, curvesOf, type Task } from './removal-curves.ts';
import { type RoadOptions, startProblem } from './road-options.ts';
import { roadScores } from './road-scores.ts';

/** Scores every attributed image; see the plugin `road`. */
export async function measureRoad(
  { model, images, attributions }: Given<'model' | 'images' | 'attributions'>,
  options: RoadOptions,
  services: Services,
): Promise<readonly Measurement[]> {
  const places = placesOf(attributions.ids, images, 'road');
  const task = taskOf(model, images, options);
  const maps = reduceChannels(attributions, options.reduction);
  expectShape(maps, [places.length, images.height, images.width], 'the attributions that ROAD ranks pixels by');
  const curves: Curves[] = [];
  for (const [i, place] of places.entries()) {
    services.signal.throwIfAborted();
    const map = rows(maps, i, i + 1).data;
    expectFiniteMap(map, attributions.ids[i]!, attributions);
    const told = (done: number) => services.progress({ done: i + done, total: places.length, unit: 'images' });
    curves.push(await curvesOf(task, images, { place, map, told }));
  }
  return roadScores({
    ...{ options, curves, ids: attributions.ids, classes: model.classes.length },
    settings: { reduction: options.reduction ?? attributions.reduction },
  });
}

function taskOf(model: Model, images: Split, options: RoadOptions): Task {
  const problem = startProblem(options);
  if (problem !== undefined) throw new StudyError('core/options-invalid', problem);
  return {
    options,
    model,
    impute: linearImputer(images.height, images.width, options.tolerance),
    deviations: model.input.std.map((std) => options.noise * (options.noiseSpace === 'normalised' ? std : 1)),
  };
}
