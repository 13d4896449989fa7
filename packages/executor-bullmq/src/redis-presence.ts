import { Redis } from 'ioredis';
import { type Presence, reconnectMs, settledMs } from './presence.ts';

/** Who waits subscribes to a channel of the job's name, on which nobody ever says anything. */
export function redisPresence(url: string, trouble: (error: Error) => void): Presence {
  const connect = (more: object): Redis => {
    const connection = new Redis(url, { connectTimeout: 5000, retryStrategy: () => reconnectMs, ...more });
    return connection.on('error', trouble);
  };
  const close = async (connection: Redis): Promise<void> => connection.disconnect();
  const channel = (name: string): string => `espalier-waits:${name}`;
  return {
    waiter() {
      const connection = connect({ maxRetriesPerRequest: null });
      return {
        wait: (name) => void connection.subscribe(channel(name)).catch(trouble),
        leave: (name) => void connection.unsubscribe(channel(name)).catch(trouble),
        close: () => close(connection),
      };
    },
    waiters() {
      const connection = connect({ maxRetriesPerRequest: 0, enableOfflineQueue: false, commandTimeout: 2000 });
      let settledAt = Number.POSITIVE_INFINITY;
      connection.on('ready', () => {
        settledAt = performance.now() + settledMs;
      });
      return {
        async areThere(name) {
          const counts = await connection.pubsub('NUMSUB', channel(name)).catch(() => []);
          const count = counts[1];
          if (count === undefined || performance.now() < settledAt) return undefined;
          return Number(count) > 0;
        },
        close: () => close(connection),
      };
    },
  };
}
