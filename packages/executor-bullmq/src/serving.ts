import type { ServeSettings } from '@espalier/runner';
import type { Waiters } from './presence.ts';

/** What taking jobs goes by, besides what the runner says. */
export interface Serving extends ServeSettings {
  readonly silence: number;
  readonly waiters: Waiters;
  /** The server has answered. */
  readonly answered: () => void;
}
