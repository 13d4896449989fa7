const length = 624;
const offset = 397;

/**
 * The generator MT19937, 32 bits at a time, seeded as PyTorch's CPU generator and NumPy's legacy one are by a number.
 * Only for presets that reproduce their numbers; everything else draws from core's `randomStream`.
 *
 * Source: Matsumoto and Nishimura (1998), "Mersenne Twister", with the seeding of its 2002 version.
 */
export function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(length);
  state[0] = seed;
  for (let i = 1; i < length; i++) state[i] = Math.imul(1812433253, state[i - 1]! ^ (state[i - 1]! >>> 30)) + i;
  let next = length;
  return () => {
    if (next === length) {
      advance(state);
      next = 0;
    }
    let y = state[next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

function advance(state: Uint32Array): void {
  for (let i = 0; i < length; i++) {
    const y = (state[i]! & 0x80000000) | (state[(i + 1) % length]! & 0x7fffffff);
    state[i] = state[(i + offset) % length]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
}
