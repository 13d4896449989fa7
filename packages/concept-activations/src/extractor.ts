import {
  type ConceptBank,
  type ConceptExtractor,
  type ConceptImages,
  type Model,
  readLayerNamed,
  type Services,
} from '@espalier/core';
import type * as z from 'zod';
import { type BankTask, conceptBank, type Dictionary, type Learning, sobolImportance } from './concept-bank.ts';
import { gridOfCrops, sideOf } from './crops.ts';
import { expectLearnable, type placeOptions } from './options.ts';
import { placesOfPart } from './part.ts';
import type { Told } from './told.ts';

/** The options that extractors of places have in common, and how many concepts they look for. */
export type PlaceOptions = z.output<z.ZodObject<typeof placeOptions>> & { readonly concepts: number };

/** What is particular to a method that learns a dictionary from places or crops. */
export interface PlaceMethod extends Pick<BankTask, 'form'> {
  /** As people call it. */
  readonly title: string;
  readonly learn: (from: Learning, told: Told, images: ConceptImages) => Dictionary | Promise<Dictionary>;
}

/**
 * An extractor that learns a dictionary from every place of a layer, or from crops, and measures importance by total Sobol indices, or not.
 *
 * @throws StudyError from `extract`: `core/options-invalid`, `core/shape-mismatch`, `core/values-not-finite`, `core/layer-unknown`,
 * `core/layer-incomplete`, `core/layer-unread`
 */
export function placeExtractor(asked: PlaceOptions, services: Services, method: PlaceMethod): ConceptExtractor {
  return {
    async extract(model: Model, images: ConceptImages, told = () => {}): Promise<ConceptBank> {
      expectLearnable(asked, images, model, method.title);
      const layer = readLayerNamed(model.layers, asked.layer).name;
      const task: BankTask = {
        ...{ model, images, layer, told, ...(method.form && { form: method.form }) },
        learnedFrom: placesOfPart(asked.part, images.ids.length),
        crops: gridOfCrops(images.images, sideOf(asked.patch, model)),
        fromPlaces: asked.from === 'places',
        learn: (from, heard) => method.learn(from, heard, images),
        measure: asked.importance === 'none' ? null : sobolImportance(asked, services),
      };
      return conceptBank(task, services);
    },
  };
}
