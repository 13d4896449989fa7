import { StudyError } from '../errors.ts';
import { type RandomStream, randomStream } from './random.ts';

/**
 * A random stream for each image of a batch, for noise that is the same for a sample in every arm of a study, whatever is asked
 * beside it and in whatever order: what differs between two models is then never their noise.
 *
 * @param pairedSeed of the services
 * @param ids stable sample ids, as `explain` was given them
 * @param count how many images there are
 * @param labels of the purpose, where a method draws for several
 * @throws StudyError `core/shape-mismatch` where there is not one id per image
 */
export function sampleStreams(
  pairedSeed: number,
  ids: readonly string[] | undefined,
  count: number,
  ...labels: readonly (string | number)[]
): readonly RandomStream[] {
  if (ids?.length === count) return ids.map((id) => randomStream(pairedSeed, ...labels, id));
  throw new StudyError(
    'core/shape-mismatch',
    `Noise is drawn by sample id: expected ${count} ids, one per image, found ${ids?.length ?? 'none'}. ` +
      'Hand the sample ids to `explain`, in the order of the images.',
  );
}
