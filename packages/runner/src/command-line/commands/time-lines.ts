import type { TimeEstimate } from '../../forecast/time-estimate.ts';
import { counted, duration } from '../../text/format.ts';
import { thisMachine } from '../../workers/machine.ts';

/** An estimate of time as `plan` tells it: how long, of what, and what is not in it. */
export function timeLines({ ms, engines, uncounted, problems, ...images }: TimeEstimate): readonly string[] {
  const counts = [
    `training on ${counted(images.training, 'image')}`,
    counted(images.forward, 'prediction'),
    counted(images.gradient, 'gradient'),
  ];
  const { cores } = thisMachine();
  const isOneCore = engines.includes('wasm');
  const beside = isOneCore && cores > 1 ? `, on one core of ${cores}, which work at once where they can` : '';
  const lasts = ms < 60_000 ? `${Math.ceil(ms / 1000)}s` : duration(ms);
  return [
    ...(engines.length === 0
      ? ['Time: not known, since the images are counted, or the network is made, only when the study runs.']
      : [
          `Time: about ${lasts} in the network (${counts.join(', ')}), at its speed on this machine now with ${engines.join(', ')}${beside}.`,
          `      An estimate. What is computed beside the network comes on top${uncounted.length > 0 ? `, and what these ask of it: ${uncounted.join(', ')}` : ''}.`,
        ]),
    ...problems.map((problem) => `      ${problem}`),
  ];
}
