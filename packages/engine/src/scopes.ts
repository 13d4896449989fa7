/**
 * Who owns what an engine has made: a stack of scopes over handles of any kind. Both engines build `Ops.scope`,
 * `Ops.release` and `Ops.live` on it.
 */
export class Scopes<Handle extends object> {
  readonly #open: Set<Handle>[] = [];
  readonly #live = new Set<Handle>();
  readonly #destroy: (handle: Handle) => void;

  /** @param destroy frees what is behind a handle; called exactly once for each */
  constructor(destroy: (handle: Handle) => void) {
    this.#destroy = destroy;
  }

  get live(): number {
    return this.#live.size;
  }

  /** Gives `handle` to the innermost scope. */
  own<Owned extends Handle>(handle: Owned): Owned {
    const scope = this.#open.at(-1);
    if (!scope) {
      this.#destroy(handle);
      throw new Error('A tensor was made outside every scope. Wrap the calculation in `ops.scope`.');
    }
    scope.add(handle);
    this.#live.add(handle);
    return handle;
  }

  /** Counts `handle` as alive without giving it to a scope: it lives until released by hand. */
  ownForever<Owned extends Handle>(handle: Owned): Owned {
    this.#live.add(handle);
    return handle;
  }

  isLive(handle: Handle): boolean {
    return this.#live.has(handle);
  }

  release(handle: Handle): void {
    if (!this.#live.delete(handle)) return;
    for (const scope of this.#open) scope.delete(handle);
    this.#destroy(handle);
  }

  run<Result>(work: (keep: <Kept extends object>(handle: Kept) => Kept) => Result): Result {
    const scope = new Set<Handle>();
    const depth = this.#open.push(scope);
    const keep = <Kept extends object>(handle: Kept): Kept => {
      const owned = handle as unknown as Handle; // a scope only ever owns this engine's handles
      if (scope.delete(owned)) this.#open[depth - 2]?.add(owned);
      return handle;
    };
    try {
      const result = work(keep);
      if (result instanceof Promise) throw new Error('A scope must be synchronous: its tensors end with it.');
      return result;
    } finally {
      this.#open.length = depth - 1;
      for (const handle of scope) this.release(handle);
    }
  }
}
