import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { espalier, until } from './programs.ts';
import { eventsOf, newProject, resultsOf, temporaryFolder } from './project.ts';
import { postgres, redis } from './servers.ts';

const store = ['--store', '.espalier/store'];
const shape = { ms: 60_000, salts: Array.from({ length: 9 }, (_, i) => i) };

for (const kind of [redis, postgres]) {
  const skip = kind.missing;
  test
    .skipIf(skip)
    .concurrent(
      `${kind.name}: worker, orchestrator and server are killed in turn; the study ends as on one machine${skip ? ` (${skip})` : ''}`,
      { timeout: 240_000 },
      async () => {
        const folder = temporaryFolder();
        const server = await kind.at(folder);
        await server.start();
        // Naps end when they are told, so each kill finds work left, however slow the machine is.
        const mayEnd = join(folder, 'may-end');
        mkdirSync(mayEnd);
        let allowed = 0;
        const letEnd = (count: number): void => {
          for (let more = 0; more < count; more++) writeFileSync(join(mayEnd, String(allowed++)), '');
        };
        const environment = { ESPALIER_EXECUTOR_URL: server.url, NAPS_THAT_MAY_END: mayEnd };
        const project = newProject(folder, shape);
        const worker = () => espalier(project, ['worker', ...store, '--jobs', '1'], environment);
        const orchestrator = () => espalier(project, ['run', 'study.json', '--executor', 'bullmq'], environment);
        const count = (type: string): number =>
          eventsOf(project).filter((event) => event.type === type && String(event.instance).startsWith('nap')).length;
        const workers = [worker(), worker()];
        const first = orchestrator();
        try {
          await until('two naps run', () => count('started') >= 2);
          await workers[0]!.kill();
          await until('its nap is tried again', () => count('retried') >= 1);
          workers.push(worker());
          letEnd(3);
          await until('three are done', () => count('done') === 3);
          await until('two more run', () => count('started') - count('retried') >= 5);
          await first.kill();
          const areStopped = () => workers.slice(1).every(({ output }) => output().includes('stopped  nap'));
          await until('what the first one wanted is stopped', areStopped);
          const second = orchestrator(); // not before: a worker goes on with what somebody still waits for
          letEnd(3);
          await until('it goes on', () => count('done') === 6);
          await server.kill();
          await until('it is missed', () => second.output().includes('The server of the queues does not answer'));
          await server.start();
          letEnd(3 * shape.salts.length); // some are begun again, and the undisturbed ones end, too
          expect(await second.ended, second.output()).toBe(0);
        } finally {
          await server.kill();
        }
        const undisturbed = newProject(temporaryFolder(), shape);
        const local = espalier(undisturbed, ['run', 'study.json', '--jobs', '1'], { NAPS_THAT_MAY_END: mayEnd });
        expect(await local.ended, local.output()).toBe(0);
        expect(resultsOf(project)).toEqual(resultsOf(undisturbed));
      },
    );
}
