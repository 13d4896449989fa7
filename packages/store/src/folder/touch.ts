import { utimesSync } from 'node:fs';

/** Sets when a file was last used; false where that is refused. A store that may only be read keeps its times. */
export function touch(path: string): boolean {
  const now = new Date();
  try {
    utimesSync(path, now, now);
    return true;
  } catch {
    return false;
  }
}
