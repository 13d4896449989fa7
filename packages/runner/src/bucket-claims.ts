import type { Bucket } from './bucket.ts';
import { beatEveryMs, lifeSigns, newOwner, type Owner, ownerIn, shown } from './claim-owner.ts';
import type { Claim, Claims } from './claims.ts';

/**
 * Claims as objects, one per key, put only where there is none. One of another machine counts as dead when it has not
 * changed for a while. Two runs that both believe to own a key would write the same bytes.
 *
 * @param now milliseconds of a clock that does not go back
 */
export function bucketClaims(bucket: Bucket, now: () => number = () => performance.now()): Claims {
  const lives = lifeSigns<string>(now);
  return {
    async take(key) {
      const name = `claims/${key}`;
      const me = newOwner();
      for (;;) {
        if (await bucket.put(name, textOf(me, 0), true)) return owned(bucket, name, me);
        const text = await read(bucket, name);
        if (text === undefined) continue; // it has just been given up
        const owner = ownerIn(text);
        if (await lives(owner, () => text)) return { heldBy: shown(owner) };
        if ((await read(bucket, name)) === text) await bucket.remove(name);
      }
    },
  };
}

function owned(bucket: Bucket, name: string, me: Owner): Claim {
  let beats = 0;
  const beat = setInterval(() => {
    bucket.put(name, textOf(me, ++beats)).catch(() => {}); // a claim that is lost costs work, not results
  }, beatEveryMs);
  beat.unref();
  return {
    heldBy: null,
    async release() {
      clearInterval(beat);
      const text = await read(bucket, name);
      if (text !== undefined && ownerIn(text).id === me.id) await bucket.remove(name);
    },
  };
}

function textOf(owner: Owner, beat: number): Uint8Array {
  return Buffer.from(JSON.stringify({ ...owner, beat }));
}

async function read(bucket: Bucket, name: string): Promise<string | undefined> {
  const bytes = await bucket.get(name);
  return bytes && Buffer.from(bytes).toString('utf8');
}
