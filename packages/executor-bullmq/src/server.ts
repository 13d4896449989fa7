import { StudyError } from '@espalier/core';
import { createPostgresBackend, Queue, QueueEvents, Worker } from 'bullmq';
import { postgresPresence } from './postgres-presence.ts';
import type { Presence } from './presence.ts';
import { redisPresence } from './redis-presence.ts';

/** The queues of a server, whichever kind it is of. */
export interface Server {
  queue(name: string): Queue;
  events(name: string): QueueEvents;
  /** Takes jobs by hand: the work is done in other processes, which this one only watches. */
  taker(name: string, silenceMs: number): Worker;
  readonly presence: Presence;
}

/** Whom queues tell of broken connections; they go on by themselves as soon as the server answers. */
export type HearTrouble = (error: Error) => void;

/**
 * The server at `url`; nothing is connected yet.
 *
 * @param url `redis://`, `rediss://`, `postgres://` or `postgresql://`, with user and password where it needs them
 */
export function serverAt(url: string | undefined, trouble: HearTrouble): Server {
  const options = url === undefined ? undefined : optionsFor(url);
  if (url === undefined || !options) {
    const scheme = url && /^[a-z][a-z0-9+.-]*:(\/\/)?/i.exec(url)?.[0];
    const found = url === undefined ? 'none' : scheme ? `one that starts with ${scheme}` : 'text that is no URL';
    throw new StudyError(
      'core/options-invalid',
      `Expected the URL of a Redis or PostgreSQL server, found ${found}. Give it with --url or in ESPALIER_EXECUTOR_URL, ` +
        'for example redis://127.0.0.1:6379 or postgres://127.0.0.1:5432/database.',
    );
  }
  const heard = <Source extends Queue | QueueEvents | Worker>(source: Source): Source => {
    (source as Queue).on('error', trouble); // every one of them has it
    return source;
  };
  const { connection, backend, presence } = options;
  return {
    queue: (name) => heard(new Queue(name, { connection }, backend)),
    events: (name) => heard(new QueueEvents(name, { connection }, backend)),
    taker: (name, silenceMs) =>
      heard(
        new Worker(
          name,
          null,
          {
            connection,
            autorun: false,
            drainDelay: 2,
            lockDuration: silenceMs,
            stalledInterval: silenceMs / 2,
          },
          backend,
        ),
      ),
    presence: presence(url, trouble),
  };
}

// The system's names (ECONNREFUSED), and PostgreSQL's states for a broken connection and a server that starts or stops.
const outageCode = /^(E[A-Z]+|08\w{3}|57P0\d|53300)$/;

/** Whether an error is one of the connection, which mends itself; all others are told. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string') return outageCode.test(error.code);
  return /connect|closed|terminat/i.test(error.message);
}

// The classes are typed for Redis; what is used of them is the same on every backend.
function optionsFor(url: string): ServerOptions | undefined {
  if (/^rediss?:\/\//.test(url)) {
    const connection = { url, maxRetriesPerRequest: null, connectTimeout: 5000 };
    return { connection, backend: undefined, presence: redisPresence };
  }
  if (!/^postgres(ql)?:\/\//.test(url)) return undefined;
  const connection = { connectionString: url, schema: 'espalier', migrate: true, connectionTimeoutMillis: 5000 };
  return { connection, backend: createPostgresBackend as unknown as undefined, presence: postgresPresence };
}

interface ServerOptions {
  readonly connection: object;
  readonly backend: undefined;
  readonly presence: (url: string, trouble: HearTrouble) => Presence;
}
