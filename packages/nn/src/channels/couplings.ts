/** What a parameter's places along one axis belong to: the channels that it gives, or those that it reads. */
export interface Part {
  readonly parameter: string;
  readonly axis: number;
  readonly side: 'output' | 'input';
  /** Id of the first place; the others follow. */
  readonly first: number;
  readonly length: number;
}

/** Which channels can only go together: classes of ids, which are united one by one. */
export class Couplings {
  readonly #parents: number[] = [];
  readonly #parts = new Map<string, Part>();
  readonly #wholes = new Map<string, number>();
  readonly #kept = new Map<number, string>();
  readonly #joined = new Map<number, string>();

  get parts(): readonly Part[] {
    return [...this.#parts.values()];
  }

  /** The first of so many new ids, each a class of its own. */
  fresh(length: number): number {
    const first = this.#parents.length;
    for (let i = 0; i < length; i++) this.#parents.push(first + i);
    return first;
  }

  /** The ids of a parameter's places along an axis: the same for all layers that share it. */
  part(parameter: string, axis: number, length: number, side: Part['side'] = 'output'): readonly number[] {
    const key = `${parameter}:${axis}`;
    const part = this.#parts.get(key) ?? { parameter, axis, side, first: this.fresh(length), length };
    this.#parts.set(key, part);
    return Array.from({ length }, (_, i) => part.first + i);
  }

  /** The first of the ids of a learned value's numbers: the same wherever it is read. */
  whole(parameter: string, length: number): number {
    const first = this.#wholes.get(parameter) ?? this.fresh(length);
    this.#wholes.set(parameter, first);
    return first;
  }

  /** The id that stands for the class of `id`. */
  classOf(id: number): number {
    let at = id;
    while (this.#parents[at] !== at) {
      this.#parents[at] = this.#parents[this.#parents[at]!]!;
      at = this.#parents[at]!;
    }
    return at;
  }

  unite(a: number, b: number): void {
    const [one, other] = [this.classOf(a), this.classOf(b)];
    if (one === other) return;
    this.#parents[other] = one;
    for (const reasons of [this.#kept, this.#joined]) {
      const reason = reasons.get(one) ?? reasons.get(other);
      if (reason !== undefined) reasons.set(one, reason);
    }
  }

  /** Unites all of them; `reason` says why where they are all that there are. */
  join(ids: Iterable<number>, reason: string): void {
    let first: number | undefined;
    let several = false;
    for (const id of ids) {
      first ??= id;
      several ||= this.classOf(first) !== this.classOf(id);
      this.unite(first, id);
    }
    if (first === undefined || !several) return;
    const known = this.classOf(first);
    if (!this.#joined.has(known)) this.#joined.set(known, reason);
  }

  /** The class of `id` stays. */
  keep(id: number, reason: string): void {
    const known = this.classOf(id);
    if (!this.#kept.has(known)) this.#kept.set(known, reason);
  }

  /** Why the class of `id` stays, if it does. */
  whyKept(id: number): string | undefined {
    return this.#kept.get(this.classOf(id));
  }

  /** Why the class of `id` is what it is, where that has a reason. */
  whyJoined(id: number): string | undefined {
    return this.#joined.get(this.classOf(id));
  }
}
