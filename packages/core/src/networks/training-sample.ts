import { StudyError } from '../errors.ts';
import type { PruneContext } from '../pruner.ts';

/** Images and labels that a pruner looks at. */
export type TrainingSample = Awaited<ReturnType<NonNullable<PruneContext['sample']>>>;

/**
 * The sample of a pruner that cannot do without one.
 *
 * @param what the method and what it does with them: `SNIP ranks weights by gradients on labelled training images`
 * @throws StudyError `core/images-missing`
 */
export async function trainingSample({ sample }: Pick<PruneContext, 'sample'>, what: string): Promise<TrainingSample> {
  const found = await sample?.();
  if (found && found.labels.length > 0) return found;
  throw new StudyError(
    'core/images-missing',
    `${what}; found ${found ? 'a sample of none' : 'no sample'}. Connect its input "data" to images, for example to data.train.`,
  );
}
