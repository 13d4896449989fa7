import type { Artifact } from '../artifacts/artifact-kinds.ts';
import { disposeArtifact } from '../artifacts/index.ts';

interface Live {
  readonly artifact: Artifact;
  readonly bytes: number;
  users: number;
  /** Nothing later needs it: dispose of it when the last user is done. */
  released: boolean;
}

/** Open artifacts, kept while they are used and, up to a bound, for who comes next. */
export interface LiveValues {
  /** The artifact named `id`, opened when it is not open yet. It stays open until `done` is called as often. */
  use(id: string, bytes: number, open: () => Promise<Artifact>): Promise<Artifact>;
  done(id: string): void;
  /** Keeps an artifact that was just made. */
  keep(id: string, bytes: number, artifact: Artifact): void;
  /** Nothing later needs it. */
  release(id: string): void;
  closeAll(): void;
}

/** Live values that hold about `limit` bytes, the last used ones; what is in use counts, but is never closed. */
export function liveValues(limit: number): LiveValues {
  const live = new Map<string, Live>();
  const close = (id: string): void => {
    const found = live.get(id);
    if (!found) return;
    live.delete(id);
    disposeArtifact(found.artifact);
  };
  const trim = (): void => {
    let held = [...live.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [id, { users, bytes, released }] of [...live]) {
      if (users > 0 || (held <= limit && !released)) continue;
      held -= bytes;
      close(id);
    }
  };
  const add = (id: string, bytes: number, artifact: Artifact, users: number): void => {
    live.set(id, { artifact, bytes, users, released: false });
    trim();
  };
  return {
    async use(id, bytes, open) {
      const found = live.get(id);
      if (!found) {
        const artifact = await open();
        add(id, bytes, artifact, 1);
        return artifact;
      }
      found.users++;
      live.delete(id); // last in the map is the most recently used
      live.set(id, found);
      return found.artifact;
    },
    done(id) {
      const found = live.get(id);
      if (found) found.users--;
      trim();
    },
    keep(id, bytes, artifact) {
      const found = live.get(id);
      if (!found) add(id, bytes, artifact, 0);
      else if (found.artifact.value !== artifact.value) disposeArtifact(artifact);
    },
    release(id) {
      const found = live.get(id);
      if (found) found.released = true;
      trim();
    },
    closeAll() {
      for (const id of [...live.keys()]) close(id);
    },
  };
}
