import { createHash } from 'node:crypto';

/**
 * Seeded randomness: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 *
 * Counter-based: the value at a position depends on the seed, the labels and the position only, never on what
 * was drawn before. Streams with different labels are independent, so a new consumer moves nobody else's numbers.
 */
export interface RandomStream {
  /** The next integer in [0, 2^32). */
  uint32(): number;
  /** The next number in [0, 1), with 32 random bits. */
  uniform(): number;
  /** The next standard normal number (Box-Muller). */
  normal(): number;
  /** The next integer in [0, limit), unbiased (rejection). */
  integer(limit: number): number;
  /** A new array with the same items in random order (Fisher-Yates). */
  shuffled<Item>(items: readonly Item[]): Item[];
}

/** A stream that depends on `seed` and `labels` alone. */
export function randomStream(seed: number, ...labels: readonly (string | number)[]): RandomStream {
  return new PhiloxStream(streamKey(seed, labels));
}

// A class: there are thousands of streams in an epoch, and functions made anew with each would be compiled anew, too.
class PhiloxStream implements RandomStream {
  readonly #key: readonly [number, number];
  readonly #block = new Uint32Array(4);
  #counter = 0;
  #used = 4;
  #spare: number | undefined;

  constructor(key: readonly [number, number]) {
    this.#key = key;
  }

  uint32(): number {
    if (this.#used === 4) {
      const [low, high] = this.#key;
      philox(this.#counter >>> 0, Math.floor(this.#counter / 2 ** 32), 0, 0, low, high, this.#block);
      this.#counter++;
      this.#used = 0;
    }
    return this.#block[this.#used++]!;
  }

  uniform(): number {
    return this.uint32() / 2 ** 32;
  }

  normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare;
      this.#spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log((this.uint32() + 1) / (2 ** 32 + 1)));
    const angle = (2 * Math.PI * this.uint32()) / 2 ** 32;
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  integer(limit: number): number {
    const largest = 2 ** 32 - (2 ** 32 % limit);
    let value = this.uint32();
    while (value >= largest) value = this.uint32();
    return value % limit;
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    const order = [...items];
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}

/** A seed in [0, 2^53) that depends on `seed` and `labels` alone. */
export function deriveSeed(seed: number, ...labels: readonly (string | number)[]): number {
  const [low, high] = streamKey(seed, labels);
  return low + (high & 0x1fffff) * 2 ** 32;
}

function streamKey(seed: number, labels: readonly (string | number)[]): [number, number] {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...labels]))
    .digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}

/**
 * One Philox4x32-10 block: 128 random bits for a 128-bit counter `c` and a 64-bit key `k`, into `out`.
 * @param out four numbers long: the words of the block
 */
export function philox(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number, out: Uint32Array): void {
  // All numbers stay in int32, where engines compute them without a detour over float64: five times as fast.
  let [a, b, c, d, low, high] = [c0 | 0, c1 | 0, c2 | 0, c3 | 0, k0 | 0, k1 | 0];
  for (let round = 0; round < 10; round++) {
    const nextA = multiplyHigh(0xcd9e, 0x8d57, c) ^ b ^ low;
    const nextC = multiplyHigh(0xd251, 0x1f53, a) ^ d ^ high;
    b = Math.imul(0xcd9e8d57, c);
    d = Math.imul(0xd2511f53, a);
    a = nextA;
    c = nextC;
    low = (low + 0x9e3779b9) | 0;
    high = (high + 0xbb67ae85) | 0;
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

/** The upper 32 bits, as int32, of the unsigned 64-bit product of `high` x 2^16 + `low` and the 32 bits of `b`. */
function multiplyHigh(high: number, low: number, b: number): number {
  const [bLow, bHigh] = [b & 0xffff, b >>> 16];
  const middle = (Math.imul(high, bLow) + (Math.imul(low, bLow) >>> 16)) | 0; // below 2^32: no carry is lost
  const carry = (Math.imul(low, bHigh) + (middle & 0xffff)) | 0;
  return (Math.imul(high, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0;
}
