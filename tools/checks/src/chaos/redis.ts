import { spawn, spawnSync } from 'node:child_process';
import { connect, createServer } from 'node:net';

/** A Redis server of its own, whose data lie in a folder. */
export interface Redis {
  readonly url: string;
  stop(): void;
}

/** Why there is none here. */
export const noRedis: string | undefined =
  spawnSync('redis-server', ['--version']).status === 0 ? undefined : 'no redis-server here';

/** Starts a server, and waits until it answers. */
export async function startRedis(folder: string): Promise<Redis> {
  const port = await freePort();
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', flags, { stdio: 'ignore' });
  for (let look = 0; look < 200 && server.exitCode === null; look++) {
    if (await answers(port)) return { url: `redis://127.0.0.1:${port}`, stop: () => void server.kill('SIGKILL') };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  server.kill('SIGKILL');
  throw new Error(`No Redis server answers on port ${port}.`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const say = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', say(true)).once('error', say(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const listener = createServer().listen(0, '127.0.0.1', () => {
      const address = listener.address();
      listener.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
