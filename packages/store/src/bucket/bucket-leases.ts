import { setTimeout as pause } from 'node:timers/promises';
import { StudyError } from '@espalier/core';
import { beatEveryMs, lifeSigns, newOwner, type Owner, ownerIn, shown } from '../leases/lease-owner.ts';
import type { Lease, Leases } from '../leases/leases.ts';
import { leasesName } from '../records/names.ts';
import { type Bucket, unlessTooLarge } from './bucket.ts';

/** How leases in a bucket are kept. */
export interface BucketLeaseOptions {
  /** The bucket's URL, for errors. */
  readonly location?: string;
  /** How often a lease says that its owner lives. */
  readonly everyMs?: number;
}

// Room for the longest name of a machine; what is larger is no lease.
const mostLeaseBytes = 4096;
// A process of this machine that is alive may have lost its lease on the way: its work is not waited for without end.
const silentHereForMs = 600_000;
const mostRounds = 20;

/** Leases of this process, from before they are put. One that is not among them is a leftover: its answer was lost. */
const mine = new Set<string>();

/**
 * Leases as objects, one per key, put only where there is none. One of another machine counts as dead when it has not
 * changed for a while. Two runs that both believe to own a key would write the same bytes; the one that notices stops.
 *
 * @param now milliseconds of a clock that does not go back
 */
export function bucketLeases(
  bucket: Bucket,
  now: () => number = () => performance.now(),
  { location = '', everyMs = beatEveryMs }: BucketLeaseOptions = {},
): Leases {
  const isAlive = livingOwners(now);
  /** Whom the lease belongs to in the end: `me`, or one that is alive. */
  const contend = async (name: string, me: Owner): Promise<Owner> => {
    for (let round = 0; round < mostRounds; round++) {
      if (await bucket.put(name, textOf(me, 0), true)) return me;
      const text = await read(bucket, name);
      if (text === undefined) {
        await pause(10 * round); // it has just been given up
        continue;
      }
      const owner = ownerIn(text);
      // The answer to a put that succeeded was lost, and the next attempt found what it had put.
      if (owner.id === me.id || (await isAlive(owner, text))) return owner;
      if ((await read(bucket, name)) === text) await bucket.remove(name);
    }
    throw new StudyError(
      'store/lease-stuck',
      `The lease ${location && `${location}/`}${name} can neither be put, nor read, nor removed, after ${mostRounds} attempts. ` +
        'Expected a server that reads what was put: take another, or try again later.',
      { transient: true },
    );
  };
  return {
    async take(key) {
      const name = `${leasesName}/${key}`;
      const me = newOwner();
      mine.add(me.id);
      try {
        const owner = await contend(name, me);
        if (owner.id === me.id) return owned(bucket, name, me, everyMs);
        mine.delete(me.id);
        return { heldBy: shown(owner) };
      } catch (error) {
        void giveUpSometime(bucket, name, me, everyMs); // it may have been put all the same
        throw error;
      }
    },
  };
}

function livingOwners(now: () => number): (owner: Owner, text: string) => Promise<boolean> {
  const lives = lifeSigns<string>(now);
  const seen = new Map<string, { readonly text: string; readonly at: number }>();
  const silentMs = (id: string, text: string): number => {
    const last = seen.get(id);
    if (last?.text !== text) seen.set(id, { text, at: now() });
    return last?.text === text ? now() - last.at : 0;
  };
  const here = newOwner();
  return async (owner, text) => {
    const isMine = owner.host === here.host && owner.pid === here.pid && owner.since === here.since;
    if (isMine) return mine.has(owner.id);
    return (await lives(owner, () => text)) && silentMs(owner.id, text) < silentHereForMs;
  };
}

function owned(bucket: Bucket, name: string, me: Owner, everyMs: number): Lease {
  const lost = new AbortController();
  const over = new AbortController();
  const beating = beatUntil(over.signal, everyMs, async (count) => {
    const taker = await beat(bucket, name, me, count).catch(() => undefined); // a lease that is lost costs work, not results
    if (!taker) return true;
    lost.abort(shown(taker));
    return false;
  });
  return {
    heldBy: null,
    lost: lost.signal,
    async release() {
      over.abort();
      await beating; // a beat that came after would put the lease there for ever
      await giveUp(bucket, name, me).catch(() => void giveUpSometime(bucket, name, me, everyMs));
    },
  };
}

async function beatUntil(over: AbortSignal, everyMs: number, once: (count: number) => Promise<boolean>): Promise<void> {
  for (let count = 1; ; count++) {
    await pause(everyMs, undefined, { signal: over, ref: false }).catch(() => {}); // it is looked at below
    if (over.aborted || !(await once(count))) return;
  }
}

/** Says that `me` lives, and returns who has taken the lease over meanwhile, if anybody has. */
async function beat(bucket: Bucket, name: string, me: Owner, count: number): Promise<Owner | undefined> {
  const text = await read(bucket, name);
  const owner = text === undefined ? undefined : ownerIn(text);
  if (owner && owner.id !== '' && owner.id !== me.id) return owner;
  await bucket.put(name, textOf(me, count), owner === undefined);
  return undefined;
}

/** Removes the lease if it is `me`'s. From then on one that is found nevertheless is a leftover. */
async function giveUp(bucket: Bucket, name: string, me: Owner): Promise<void> {
  mine.delete(me.id);
  const text = await read(bucket, name);
  if (text !== undefined && ownerIn(text).id === me.id) await bucket.remove(name);
}

// Of a process that ends before, others see that it has ended.
async function giveUpSometime(bucket: Bucket, name: string, me: Owner, everyMs: number): Promise<void> {
  mine.delete(me.id);
  await beatUntil(new AbortController().signal, everyMs, () =>
    giveUp(bucket, name, me).then(
      () => false,
      () => true,
    ),
  );
}

function textOf(owner: Owner, count: number): Uint8Array {
  return Buffer.from(JSON.stringify({ ...owner, beat: count }));
}

/** What is in place of a lease; nobody's, if it is larger than one. */
async function read(bucket: Bucket, name: string): Promise<string | undefined> {
  const bytes = await unlessTooLarge(bucket.get(name, mostLeaseBytes));
  return bytes && Buffer.from(bytes).toString('utf8');
}
