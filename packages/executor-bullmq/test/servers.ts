import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A server of the test's own: its data lie in a temporary folder and outlast it. */
export interface TestServer {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
}

/** How to have a server, or why there is none here. */
export interface ServerKind {
  readonly name: string;
  readonly missing: string | undefined;
  readonly at: (folder: string) => Promise<TestServer>;
}

export const redis: ServerKind = {
  name: 'Redis',
  missing: onPath('redis-server') ? undefined : 'no redis-server here: apt-get install redis-server',
  async at(folder) {
    const port = await freePort();
    const kept = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...kept];
    return server(`redis://127.0.0.1:${port}`, port, () => spawn('redis-server', args, { stdio: 'ignore' }));
  },
};

const postgresFolder = newestPostgres();

export const postgres: ServerKind = {
  name: 'PostgreSQL',
  missing: postgresFolder ? unusable() : 'no /usr/lib/postgresql here: apt-get install postgresql',
  async at(folder) {
    const port = await freePort();
    const user = ordinaryUser();
    chmodSync(folder, 0o755);
    const base = join(folder, 'postgres');
    mkdirSync(base);
    if (user) chownSync(base, user.uid, user.gid);
    const data = join(base, 'data');
    const program = (name: string): string => join(postgresFolder!, name);
    execFileSync(program('initdb'), ['-D', data, '-A', 'trust', '-U', 'espalier', '--no-sync'], {
      ...user,
      stdio: 'ignore',
    });
    const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${base}`];
    const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
    return server(`postgres://espalier@127.0.0.1:${port}/postgres`, port, () =>
      spawn(program('postgres'), args, { ...user, stdio: 'ignore' }),
    );
  },
};

function server(url: string, port: number, begin: () => ChildProcess): TestServer {
  let child: ChildProcess | undefined;
  return {
    url,
    async start() {
      // A server that was killed may have to wait for what is left of it.
      for (let attempt = 0; attempt < 40; attempt++) {
        child = begin();
        for (let look = 0; look < 50 && child.exitCode === null; look++) {
          if (await answers(port)) return;
          await pause(100);
        }
        child.kill('SIGKILL');
        await pause(250);
      }
      throw new Error(`No server answers on port ${port}.`);
    },
    async kill() {
      if (!child || child.exitCode !== null) return;
      const ended = new Promise((resolve) => child!.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
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

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}

function newestPostgres(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

/** PostgreSQL does not run as root: there, as the user whom its package makes. */
function ordinaryUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function unusable(): string | undefined {
  try {
    ordinaryUser();
    return undefined;
  } catch {
    return 'PostgreSQL does not run as root, and there is no user "postgres"';
  }
}
