import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { type Presence, reconnectMs, settledMs } from './presence.ts';

/** As much of a connection of `pg`, which has no types, as is used here. */
interface Client {
  connect(): Promise<void>;
  query(text: string, values?: readonly unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'end', listener: () => void): void;
  end(): Promise<void>;
}

/** Who waits holds an advisory lock of the job's name, shared, which ends with its session. */
export function postgresPresence(url: string, trouble: (error: Error) => void): Presence {
  return {
    waiter() {
      const names = new Set<string>();
      const lock = (client: Client, name: string): void =>
        void client.query('select pg_advisory_lock_shared($1, $2)', lockOf(name)).catch(trouble);
      const session = keptSession(url, trouble, (client) => {
        for (const name of names) lock(client, name);
      });
      return {
        wait(name) {
          names.add(name);
          const client = session.client();
          if (client) lock(client, name);
        },
        leave(name) {
          names.delete(name);
          session.client()?.query('select pg_advisory_unlock_shared($1, $2)', lockOf(name)).catch(trouble);
        },
        close: session.close,
      };
    },
    waiters() {
      let settledAt = Number.POSITIVE_INFINITY;
      const session = keptSession(url, trouble, () => {
        settledAt = performance.now() + settledMs;
      });
      return {
        async areThere(name) {
          const found = await session
            .client()
            ?.query(whoHolds, lockOf(name))
            .catch(() => undefined);
          if (!found || performance.now() < settledAt) return undefined;
          return found.rows.length > 0;
        },
        close: session.close,
      };
    },
  };
}

// Locks of two numbers have objsubid 2, and belong to a database.
const whoHolds = `select 1 from pg_locks where locktype = 'advisory' and granted and objsubid = 2
  and classid = ($1::int4)::oid and objid = ($2::int4)::oid
  and database = (select oid from pg_database where datname = current_database()) limit 1`;

function lockOf(name: string): readonly [number, number] {
  const hash = createHash('sha256').update(name).digest();
  return [hash.readInt32BE(0), hash.readInt32BE(4)];
}

/** A session that is begun anew whenever it breaks; `begun` is told each time. */
function keptSession(
  url: string,
  trouble: (error: Error) => void,
  begun: (client: Client) => void,
): { client(): Client | undefined; close(): Promise<void> } {
  const { Client } = createRequire(import.meta.url)('pg') as { readonly Client: new (options: object) => Client }; // no types
  const over = new AbortController();
  let current: Client | undefined;
  const session = async (): Promise<void> => {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000, keepAlive: true });
    const ended = new Promise<void>((resolve) => client.on('end', resolve));
    client.on('error', trouble);
    await client.connect();
    if (over.signal.aborted) return client.end();
    current = client;
    begun(client);
    await ended;
    current = undefined;
  };
  const keep = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await session().catch(trouble);
      await pause(reconnectMs, undefined, { signal: over.signal }).catch(() => {}); // closed
    }
  };
  void keep();
  return {
    client: () => current,
    async close() {
      over.abort();
      await current?.end().catch(() => {});
    },
  };
}
