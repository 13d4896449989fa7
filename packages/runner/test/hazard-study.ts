import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** A data set that goes wrong. */
export interface Hazard {
  readonly does: string;
  readonly times?: number;
  readonly number?: number;
}

/** A study of datasets that go wrong, each a node of its own, with what else the nodes say. */
export function hazardStudy(
  folder: string,
  hazards: Record<string, Hazard>,
  more: Record<string, object> = {},
  defaults = {},
) {
  // From elsewhere, only plugins inside the study's folder are run.
  if (!existsSync(join(folder, 'hazards')))
    symlinkSync(join(import.meta.dirname, 'fixtures/hazards'), join(folder, 'hazards'));
  const nodes = Object.entries(hazards).map(([name, hazard]) => [
    name,
    { use: 'hazards/hazard', with: { ...hazard, diary: join(folder, `${name}.diary`) }, ...more[name] },
  ]);
  return {
    apiVersion: 'study/v1',
    name: 'hazards',
    plugins: { hazards: './hazards' },
    seed: 1,
    defaults: { retry: { max: 0 }, ...defaults },
    nodes: Object.fromEntries(nodes),
  };
}
