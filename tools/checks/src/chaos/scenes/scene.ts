import type { Places } from '../results.ts';
import type { Stage } from '../stage.ts';

/** One way to disturb a run that kills no process of it. */
export interface Scene {
  readonly name: string;
  /** Why it cannot be played here. */
  readonly missing?: string | undefined;
  /** Some worker goes on with what another has taken over, so that epochs may be trained twice. */
  readonly trainsTwice?: boolean;
  /** Runs the study in `study` to its end; returns where its results are. @throws Error when a run ends otherwise */
  play(stage: Stage, study: string): Promise<Places>;
}

/** By when a disturbed run has to have ended: a machine that is busy takes a while, one that hangs longer. */
export function boundMs({ calmMs }: Stage): number {
  return 4 * calmMs + 60_000;
}
